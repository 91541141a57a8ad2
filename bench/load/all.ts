import { checks } from './checks.ts'
import type { LoadBench } from './load-bench.ts'
import { recovery } from './recovery.ts'

/** Every load bench by the name that picks it. */
export const loadBenches: Readonly<Record<string, LoadBench>> = { checks, recovery }
