import { crashEverywhere } from './crash-suite.ts'
import { executorEnds } from './executors.ts'

await crashEverywhere(executorEnds)
