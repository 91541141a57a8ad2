import { crashEverywhere } from './crash-suite.ts'
import { updates } from './updates.ts'

await crashEverywhere(updates)
