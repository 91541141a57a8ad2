import { crashEverywhere } from './crash-suite.ts'
import { callsOff } from './scenarios.ts'

await crashEverywhere(callsOff)
