import { crashEverywhere } from './crash-suite.ts'
import { restartsInKills } from './restarts.ts'

await crashEverywhere(restartsInKills)
