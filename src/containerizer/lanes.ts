import PQueue from 'p-queue'
import { race, startDeadline } from '../base/deadline.ts'
import { AgentError } from '../model/errors.ts'
import { createGate, type Gate, type GateLimits } from './gate.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import { operations, traits, type Operation } from './operations.ts'
import { createQuarantine } from './quarantine.ts'
import { takePlace, type Release } from './take-place.ts'
import { outcomeOf, type Outcome } from './timeline.ts'

/** One lane a kind of operation: how many at once, and how long each may take. */
export type LaneLimits = Readonly<Record<Operation, { readonly concurrency: number, readonly timeoutMs: number }>>

export interface LanesOptions {
  readonly limits: LaneLimits
  readonly gate: GateLimits
  /** Operations that may be overdue before launches are held back altogether. */
  readonly quarantineLimit: number
  readonly metrics: ContainerizerMetrics
}

export interface Ticket {
  readonly stage: Operation
  /** Higher goes first. */
  readonly priority: number
  /** It leaves its queue now; `work` settles when the operation itself has, however long after its caller was told. */
  readonly onBegun?: (queueMs: number, work: Promise<unknown>) => void
  readonly onSettled?: (outcome: Outcome, durationMs: number) => void
}

export interface Lanes {
  /**
   * Waits for a place in the stage's lane, and in the gate if it is a call to the engine; then runs the operation under its stage's deadline: that
   * clock starts when it leaves the queue. Ends with the operation, the deadline (STAGE_TIMEOUT) or the signal's reason, whichever is first; the
   * place is held until the operation itself has settled, in quarantine once it is overdue. A signal that aborts in the queue takes it out at once:
   * the operation never begins. What cannot be aborted gets a signal that never does.
   */
  run<T> (ticket: Ticket, operation: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>
}

const never = new AbortController().signal

export function createLanes ({ limits, gate: gateLimits, quarantineLimit, metrics }: LanesOptions): Lanes {
  const queues = new Map(operations.map(stage => [stage, new PQueue({ concurrency: limits[stage].concurrency })]))
  const gate = createGate(gateLimits)
  const quarantine = createQuarantine(quarantineLimit, isFull => { gate.closeToLaunches(isFull) })
  metrics.lanesFrom({
    waiting: stage => queues.get(stage)?.size ?? 0,
    overdue: () => quarantine.size,
    launchesArePaused: () => gate.launchesArePaused,
  })

  async function enter ({ stage, priority }: Ticket, signal: AbortSignal): Promise<Release> {
    const leaveLane = await takePlace(queues.get(stage) as PQueue, priority, signal)
    try {
      const leaveGate = await passGate(gate, stage, priority, signal)
      return () => { leaveGate(); leaveLane() }
    } catch (error) {
      leaveLane()
      throw error
    }
  }

  return {
    async run (ticket, operation, signal) {
      const { stage } = ticket
      const { timeoutMs } = limits[stage]
      const queuedAt = performance.now()
      const resumeLaunches = traits[stage].isUrgent ? gate.holdLaunches() : undefined
      try {
        const release = await enter(ticket, signal)
        const startedAt = performance.now()
        const queueMs = startedAt - queuedAt
        using deadline = startDeadline(signal, timeoutMs, () => new AgentError('STAGE_TIMEOUT', `took over ${timeoutMs / 1000} s`, { stage }))
        const work = begin(operation, traits[stage].canAbort ? deadline.signal : never)
        metrics.begun(stage)
        void work.catch(() => {}).finally(() => { metrics.finished(stage); release() })
        ticket.onBegun?.(queueMs, work)
        const outcome = await race(work, deadline.signal).then(value => ({ value }), (error: unknown) => ({ error }))
        if (deadline.signal.aborted && !signal.aborted && quarantine.admit(work)) release()
        const durationMs = performance.now() - startedAt
        const word = 'error' in outcome ? outcomeOf(AgentError.from(outcome.error)) : 'ok'
        metrics.settled(stage, word, { queueMs, durationMs })
        ticket.onSettled?.(word, durationMs)
        if ('error' in outcome) throw outcome.error
        return outcome.value
      } finally {
        resumeLaunches?.()
      }
    },
  }
}

async function passGate (gate: Gate, stage: Operation, priority: number, signal: AbortSignal): Promise<Release> {
  const { engineClass, leavesGate } = traits[stage]
  if (engineClass === undefined) return () => {}
  const release = await gate.pass(engineClass, priority, signal)
  if (leavesGate) release()
  return release
}

/** Never throws in place: whatever the operation does is in the promise. */
async function begin<T> (operation: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  return await operation(signal)
}
