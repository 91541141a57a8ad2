import { crashEverywhere } from './crash-suite.ts'
import { destroys } from './scenarios.ts'

await crashEverywhere(destroys)
