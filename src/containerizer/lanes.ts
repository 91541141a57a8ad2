import PQueue from 'p-queue'
import { race, startDeadline } from '../base/deadline.ts'
import { AgentError, type ErrorCode } from '../model/errors.ts'
import { createGate, type Gate, type GateLimits } from './gate.ts'
import { LaunchHold } from './launch-hold.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import { operations, traits, type Operation } from './operations.ts'
import { createQuarantine, type Quarantine } from './quarantine.ts'
import { takePlace, type Release } from './take-place.ts'
import { outcomeOf, type Outcome } from './timeline.ts'

/** One lane a kind of operation: how many at once, and how long each may take. */
export type LaneLimits = Readonly<Record<Operation, { readonly concurrency: number, readonly timeoutMs: number }>>

export interface LanesOptions {
  readonly limits: LaneLimits
  readonly gate: GateLimits
  /** Operations that may be overdue before launches are held back altogether. */
  readonly quarantineLimit: number
  /** How long launches wait for an engine that does not answer, before they fail. */
  readonly engineWaitMs: number
  readonly metrics: ContainerizerMetrics
  /** Told of every operation's end, as its caller is; undefined is well. */
  readonly onResult?: (stage: Operation, code: ErrorCode | undefined) => void
  /** Aborts when nothing is waited for any more. */
  readonly closing: AbortSignal
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
   * place is held until the operation itself has settled, or has gone into quarantine because it is overdue. A signal that aborts in the queue takes
   * it out at once: the operation never begins. What cannot be aborted gets a signal that aborts with the lanes alone.
   */
  run<T> (ticket: Ticket, operation: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>
}

export interface HoldingLanes extends Lanes {
  /** No launch call begins until it is released, within the gate's bounds: somebody is to end, and is not at the engine yet. */
  holdLaunches (): Release
}

/** The lanes, the gate and the quarantine together: the only way for an operation to begin. */
export class OperationLanes implements HoldingLanes {
  readonly #options: LanesOptions
  readonly #queues: ReadonlyMap<Operation, PQueue>
  readonly #gate: Gate
  readonly #hold: LaunchHold
  /** Apart, so that launches that hang cannot fill the one that destroys need; theirs holds nobody back. */
  readonly #quarantines: Readonly<Record<'launch' | 'destroy', Quarantine>>

  constructor (options: LanesOptions) {
    const { limits, gate, quarantineLimit, metrics } = options
    this.#options = options
    this.#queues = new Map(operations.map(stage => [stage, new PQueue({ concurrency: limits[stage].concurrency })]))
    this.#gate = createGate(gate)
    this.#hold = new LaunchHold(options.engineWaitMs)
    this.#quarantines = {
      launch: createQuarantine(quarantineLimit, isFull => { this.#gate.closeToLaunches('quarantine', isFull) }),
      destroy: createQuarantine(Infinity, () => {}),
    }
    metrics.lanesFrom({
      waiting: stage => this.#queues.get(stage)?.size ?? 0,
      overdue: () => this.#quarantines.launch.size + this.#quarantines.destroy.size,
      launchesArePaused: () => this.#gate.launchesArePaused,
    })
  }

  /** Why the engine does not answer, or undefined: it does. Launch calls wait meanwhile, and fail with it when it takes too long. */
  engineTrouble (trouble: AgentError | undefined): void {
    this.#hold.tell(trouble)
    this.#gate.closeToLaunches('engine', trouble !== undefined)
  }

  holdLaunches (): Release { return this.#gate.holdLaunches() }

  async run<T> (ticket: Ticket, operation: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { metrics, onResult } = this.#options
    const resumeLaunches = traits[ticket.stage].isUrgent ? this.#gate.holdLaunches() : undefined
    try {
      const value = await this.#perform(ticket, operation, signal)
      onResult?.(ticket.stage, undefined)
      return value
    } catch (error) {
      const { code } = AgentError.from(error)
      metrics.failed(ticket.stage, code)
      onResult?.(ticket.stage, code)
      throw error
    } finally {
      resumeLaunches?.()
    }
  }

  async #perform<T> (ticket: Ticket, operation: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { limits, metrics, closing } = this.#options
    const { stage } = ticket
    const { timeoutMs } = limits[stage]
    const queuedAt = performance.now()
    const release = await this.#enter(ticket, signal)
    const startedAt = performance.now()
    const queueMs = startedAt - queuedAt
    using deadline = startDeadline(signal, timeoutMs, () => new AgentError('STAGE_TIMEOUT', `took over ${timeoutMs / 1000} s`, { stage }))
    const work = begin(operation, traits[stage].canAbort ? deadline.signal : closing)
    this.#holdPlace(stage, work, release)
    ticket.onBegun?.(queueMs, work)
    const settled = (outcome: Outcome): void => {
      const durationMs = performance.now() - startedAt
      metrics.settled(stage, outcome, { queueMs, durationMs })
      ticket.onSettled?.(outcome, durationMs)
    }
    try {
      const value = await race(work, deadline.signal)
      settled('ok')
      return value
    } catch (error) {
      settled(outcomeOf(AgentError.from(error)))
      throw error
    }
  }

  async #enter ({ stage, priority }: Ticket, signal: AbortSignal): Promise<Release> {
    const leaveLane = await takePlace(this.#queues.get(stage) as PQueue, priority, signal)
    try {
      const leaveGate = await this.#passGate(stage, priority, signal)
      return () => { leaveGate(); leaveLane() }
    } catch (error) {
      leaveLane()
      throw error
    }
  }

  async #passGate (stage: Operation, priority: number, signal: AbortSignal): Promise<Release> {
    const { engineClass, leavesGate } = traits[stage]
    if (engineClass === undefined) return () => {}
    using hold = engineClass === 'launch' ? this.#hold.join(signal) : undefined
    const release = await this.#gate.pass(engineClass, priority, hold?.signal ?? signal)
    if (leavesGate) release()
    return release
  }

  /** The place is the operation's as long as that has not settled; its caller may have gone long ago. */
  #holdPlace (stage: Operation, work: Promise<unknown>, release: Release): void {
    const { limits, metrics } = this.#options
    const { timeoutMs } = limits[stage]
    const quarantine = this.#quarantines[traits[stage].engineClass === 'destroy' ? 'destroy' : 'launch']
    const overdue = Number.isFinite(timeoutMs) ? setTimeout(() => { quarantine.take(work, release) }, timeoutMs) : undefined
    metrics.begun(stage)
    void work.catch(() => {}).finally(() => {
      clearTimeout(overdue)
      metrics.finished(stage)
      release()
    })
  }
}

/** Never throws in place: whatever the operation does is in the promise. */
async function begin<T> (operation: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  return await operation(signal)
}

export function createLanes (options: LanesOptions): OperationLanes {
  return new OperationLanes(options)
}
