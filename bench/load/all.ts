import { checks } from './checks.ts'
import { density } from './density.ts'
import { fetch } from './fetch.ts'
import { killUnderBurst } from './launch/kill-under-burst.ts'
import { launch } from './launch/launch.ts'
import { raw } from './launch/raw-bench.ts'
import type { LoadBench } from './load-bench.ts'
import { logs } from './logs.ts'
import { mixed } from './mixed.ts'
import { recovery } from './recovery.ts'

/** Every load bench by the name that picks it. */
export const loadBenches: Readonly<Record<string, LoadBench>> = {
  raw,
  launch,
  'kill-under-burst': killUnderBurst,
  density,
  recovery,
  logs,
  mixed,
  checks,
  fetch,
}
