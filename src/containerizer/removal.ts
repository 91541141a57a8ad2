import { backoff } from '../base/backoff.ts'
import { delay } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine } from '../engine/port.ts'
import type { Lanes } from './lanes.ts'

export interface RemovalDeps { readonly engine: Engine, readonly lanes: Lanes, readonly log: Log }

/** Before every launch: a destroy is never late. */
export const destroyPriority = Number.MAX_SAFE_INTEGER

/** Removes by name until the engine confirms that it is gone. Gives up only when the signal aborts. */
export async function removeUntilGone (name: string, { engine, lanes, log }: RemovalDeps, signal: AbortSignal): Promise<void> {
  for (const waitMs of backoff(100, 30_000)) {
    try {
      await lanes.run({ stage: 'remove', priority: destroyPriority }, callSignal => engine.remove(name, callSignal), signal)
      return
    } catch (error) {
      if (signal.aborted) throw signal.reason
      log.warn({ container: name, error, againInMs: Math.round(waitMs) }, 'a container could not be removed; trying again')
      await delay(waitMs, signal)
    }
  }
}
