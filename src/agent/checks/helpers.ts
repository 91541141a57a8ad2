import { race, startDeadline } from '../../base/deadline.ts'
import type { Log } from '../../base/log.ts'
import { AgentError } from '../../model/errors.ts'
import type { Inspected } from '../../model/inspected.ts'
import { startHelper, type Helper } from './helper.ts'
import type { CheckMetrics } from './metrics.ts'
import { openNetworkNamespace } from './network-namespace.ts'
import { places } from './places.ts'

/** Between looks further apart than this a helper would hold memory for longer than its start is worth. */
const keepWithinMs = 5_000
/** So many may stay; beyond, each look starts one of its own. */
const keptAtMost = 1024
/** A start keeps the main thread for milliseconds. */
const startsAtOnce = 4
const startMs = 10_000

/** The helpers of all checks, counted and capped. */
export interface Helpers {
  /** One in this container's network, on its own or kept. Throws NOT_SUPPORTED, or the signal's reason. */
  start (inspected: Inspected, signal: AbortSignal): Promise<Helper>
  /** Whether one may stay for the next look, so much later; one that stays is given back with `leave`. */
  stay (intervalMs: number): boolean
  leave (): void
  /** A check that cannot be made for want of one: told once for each cause. */
  complain (error: Error): void
}

export function helpers (log: Log, metrics: CheckMetrics): Helpers {
  const starts = places(startsAtOnce)
  const told = new Set<string>()
  let kept = 0
  return {
    async start (inspected, signal) {
      const starting = starts.hold(() => startFor(inspected, signal))
      try {
        return await race(starting, signal)
      } catch (error) {
        void starting.then(late => { late.end() }, () => {})
        throw error
      }
    },
    stay (intervalMs) {
      if (intervalMs > keepWithinMs || kept >= keptAtMost) return false
      metrics.helpersKept(++kept)
      return true
    },
    leave () { metrics.helpersKept(--kept) },
    complain (error) {
      const cause = error.message.replaceAll(/\d+/g, 'N')
      if (told.has(cause)) return
      told.add(cause)
      log.warn({ error }, 'a check on a container\'s own loopback cannot be made; this is said once')
    },
  }
}

async function startFor (inspected: Inspected, signal: AbortSignal): Promise<Helper> {
  using deadline = startDeadline(signal, startMs, () => new AgentError('NOT_SUPPORTED', `no helper in the container's network within ${startMs / 1000} s`))
  deadline.signal.throwIfAborted()
  const namespace = await openNetworkNamespace(inspected)
  try {
    return await startHelper(namespace.fd, deadline.signal)
  } finally {
    await namespace.close()
  }
}
