import { setImmediate as turn } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { deferred } from '../../src/base/deferred.ts'
import { createLanes, type Lanes, type LanesOptions } from '../../src/containerizer/lanes.ts'
import { containerizerMetrics } from '../../src/containerizer/metrics.ts'
import { operations, type EngineClass, type Operation } from '../../src/containerizer/operations.ts'

/** An operation in the lanes: the test says when it ends. */
export interface Job {
  readonly name: string
  /** What its caller gets. */
  readonly told: Promise<unknown>
  readonly caller: AbortController
  /** The signal that the operation itself was given; undefined until it has begun. */
  readonly given: () => AbortSignal | undefined
  finish (): void
}

export interface LaneGround {
  readonly lanes: Lanes
  /** Names, in the order in which they began. */
  readonly begun: string[]
  add (stage: Operation, name?: string, priority?: number): Job
  gauge (name: string): Promise<number>
}

export interface LaneWish {
  readonly concurrency?: Partial<Record<Operation, number>>
  readonly timeoutMs?: number
  readonly places?: Partial<Record<EngineClass, number>>
  readonly quarantineLimit?: number
  readonly engineWaitMs?: number
}

export const gateTimes = { maxPauseMs: 1_000, turnMs: 250 }

export function startLaneGround (wish: LaneWish = {}): LaneGround {
  const { concurrency = {}, timeoutMs = Infinity, places = {}, quarantineLimit = 32, engineWaitMs = 60_000 } = wish
  const registry = new Registry()
  const limits = Object.fromEntries(operations.map(stage => [stage, { concurrency: concurrency[stage] ?? 4, timeoutMs }])) as LanesOptions['limits']
  const gate = { places: { launch: 12, update: 8, destroy: 24, ...places }, ...gateTimes }
  const lanes = createLanes({ limits, gate, quarantineLimit, engineWaitMs, metrics: containerizerMetrics(registry), closing: new AbortController().signal })
  const begun: string[] = []
  return {
    lanes, begun,
    add (stage, name = stage, priority = 0) {
      const [work, caller] = [deferred(), new AbortController()]
      let given: AbortSignal | undefined
      const operation = (signal: AbortSignal): Promise<void> => {
        given = signal
        begun.push(name)
        return work.promise
      }
      const told = lanes.run({ stage, priority }, operation, caller.signal)
      told.catch(() => {})
      return { name, told, caller, given: () => given, finish: work.resolve }
    },
    async gauge (name) {
      const metric = await registry.getSingleMetric(name)?.get()
      return metric?.values[0]?.value ?? NaN
    },
  }
}

/** Until all that follows from what was done has happened; timers may be mocked. */
export async function settled (): Promise<void> {
  for (let i = 0; i < 3; i++) await turn()
}
