import { crashEverywhere } from './crash-suite.ts'
import { executorRestarts } from './executors.ts'

await crashEverywhere(executorRestarts)
