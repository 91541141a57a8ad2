import { crashEverywhere } from './crash-suite.ts'
import { launches } from './scenarios.ts'

await crashEverywhere(launches)
