import { backoff } from '../base/backoff.ts'
import { delay } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine } from '../engine/port.ts'
import type { Lanes } from './lanes.ts'
import type { ContainerizerMetrics } from './metrics.ts'

export interface RemovalDeps { readonly engine: Engine, readonly lanes: Lanes, readonly log: Log, readonly metrics: ContainerizerMetrics }

/** Before every launch: a destroy is never late. */
export const destroyPriority = Number.MAX_SAFE_INTEGER

/** A removal that takes longer is told of: the engine may never answer it. */
const slowMs = 5_000

/** Removes by name until the engine confirms that it is gone. Gives up only when the signal aborts. */
export async function removeUntilGone (name: string, deps: RemovalDeps, signal: AbortSignal): Promise<void> {
  const { log, metrics } = deps
  for (const waitMs of backoff(100, 30_000)) {
    try {
      await remove(name, deps, signal)
      metrics.engine.unstuck(name)
      return
    } catch (error) {
      metrics.engine.stuck(name)
      if (signal.aborted) throw signal.reason
      log.warn({ container: name, error, againInMs: Math.round(waitMs) }, 'a container could not be removed; trying again')
      await delay(waitMs, signal)
    }
  }
}

async function remove (name: string, { engine, lanes, metrics }: RemovalDeps, signal: AbortSignal): Promise<void> {
  let slow: NodeJS.Timeout | undefined
  const onBegun = (): void => { slow = setTimeout(() => { metrics.engine.stuck(name) }, slowMs) }
  try {
    await lanes.run({ stage: 'remove', priority: destroyPriority, onBegun }, callSignal => engine.remove(name, callSignal), signal)
  } finally {
    clearTimeout(slow)
  }
}
