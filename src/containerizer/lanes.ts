import PQueue from 'p-queue'
import { race, startDeadline } from '../base/deadline.ts'
import { deferred } from '../base/deferred.ts'
import { AgentError } from '../model/errors.ts'
import { outcomeOf } from './timeline.ts'
import type { ContainerizerMetrics, Operation, Outcome } from './metrics.ts'

/** One lane a kind of operation: how many at once, and how long each may take. */
export type LaneLimits = Readonly<Record<Operation, { readonly concurrency: number, readonly timeoutMs: number }>>

export interface Ticket {
  readonly stage: Operation
  /** Higher goes first. */
  readonly priority: number
  readonly onAdmitted?: (queueMs: number) => void
  readonly onSettled?: (outcome: Outcome, durationMs: number) => void
}

export interface Lanes {
  /**
   * Waits for a place, then runs the operation under its stage's deadline; that clock starts when it leaves the queue. Ends with the operation,
   * the deadline (STAGE_TIMEOUT) or the signal's reason, whichever is first; the place is held until the operation itself has settled. A signal
   * that aborts in the queue takes it out at once: the operation never begins.
   */
  run<T> (ticket: Ticket, operation: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>
}

export function createLanes (limits: LaneLimits, metrics: ContainerizerMetrics): Lanes {
  const queues = new Map(Object.entries(limits).map(([stage, { concurrency }]) => [stage, new PQueue({ concurrency })]))
  metrics.waitingFrom(() => [...queues].map(([stage, queue]) => [stage as Operation, queue.size]))

  return {
    async run (ticket, operation, signal) {
      const { stage } = ticket
      const queuedAt = performance.now()
      const release = await takePlace(queues.get(stage) as PQueue, ticket.priority, signal)
      metrics.inFlight.inc({ stage })
      const startedAt = performance.now()
      const queueMs = startedAt - queuedAt
      ticket.onAdmitted?.(queueMs)
      const settled = (outcome: Outcome): void => {
        const durationMs = performance.now() - startedAt
        metrics.settled(stage, outcome, { queueMs, durationMs })
        ticket.onSettled?.(outcome, durationMs)
      }
      using deadline = startDeadline(signal, limits[stage].timeoutMs, () => tookTooLong(stage, limits[stage].timeoutMs))
      const work = Promise.resolve().then(() => operation(deadline.signal))
      work.catch(() => {}).finally(() => { metrics.inFlight.dec({ stage }); release() })
      try {
        const value = await race(work, deadline.signal)
        settled('ok')
        return value
      } catch (error) {
        settled(outcomeOf(AgentError.from(error)))
        throw error
      }
    },
  }
}

function tookTooLong (stage: Operation, timeoutMs: number): AgentError {
  return new AgentError('STAGE_TIMEOUT', `took over ${timeoutMs / 1000} s`, { stage })
}

/** Resolves when the queue has a place for us, with what gives it back. Throws the signal's reason if it aborts first. */
async function takePlace (queue: PQueue, priority: number, signal: AbortSignal): Promise<() => void> {
  signal.throwIfAborted()
  const taken = deferred<() => void>()
  // p-queue's own signal would free the place of a running operation as well, so it hears ours only while it waits.
  const waiting = new AbortController()
  const onAbort = (): void => { waiting.abort(signal.reason) }
  signal.addEventListener('abort', onAbort, { once: true })
  queue.add(() => new Promise<void>(resolve => { taken.resolve(resolve) }), { priority, signal: waiting.signal }).catch(taken.reject)
  try {
    const release = await taken.promise
    if (!signal.aborted) return release
    release()
    throw signal.reason
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
