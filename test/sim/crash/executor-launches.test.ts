import { crashEverywhere } from './crash-suite.ts'
import { executorLaunches } from './executors.ts'

await crashEverywhere(executorLaunches)
