import { crashEverywhere } from './crash-suite.ts'
import { tidyings } from './restarts.ts'

await crashEverywhere(tidyings)
