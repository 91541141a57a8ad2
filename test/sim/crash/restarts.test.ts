import { crashEverywhere } from './crash-suite.ts'
import { restarts } from './restarts.ts'

await crashEverywhere(restarts)
