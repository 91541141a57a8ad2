import { AgentError } from '../model/errors.ts'
import type { Stage } from '../model/lifecycle.ts'
import { race, settlesWithin, startDeadline, type Deadline } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Lanes } from './lanes.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import type { Timeline } from './timeline.ts'

export interface ScopeOptions {
  readonly lanes: Lanes
  readonly metrics: ContainerizerMetrics
  readonly log: Log
  readonly timeline: Timeline
  readonly priority: number
  /** Ends the launch: a kill, or the agent shutting down. */
  readonly signal: AbortSignal
  readonly launchTimeoutMs: number
  /** For each undo, on a clock of its own: the launch's is over by then. */
  readonly undoTimeoutMs: number
}

interface Undo { readonly stage: Stage, readonly work: Promise<unknown>, readonly undo: (signal: AbortSignal) => Promise<void> }

/** How long an undo waits for what it undoes to settle. Later than this it undoes what it finds, and the sweep what comes after. */
const settleMs = 2_000

/** The stages of one launch. Left without `keep`, it undoes in reverse what was begun; a failed undo is counted, never thrown over the real error. */
export class LaunchScope implements AsyncDisposable {
  readonly #options: ScopeOptions
  readonly #total: Deadline
  #undos: Undo[] = []

  constructor (options: ScopeOptions) {
    this.#options = options
    const { launchTimeoutMs } = options
    this.#total = startDeadline(options.signal, launchTimeoutMs, () => new AgentError('LAUNCH_TIMEOUT', `the launch took over ${launchTimeoutMs / 1000} s`))
  }

  /** Runs a stage in its lane. The undo is registered as the stage begins: what it undoes may have happened half-way. */
  async stage<T> (stage: Stage, run: (signal: AbortSignal) => Promise<T>, { undo }: { undo?: Undo['undo'] } = {}): Promise<T> {
    const { lanes, timeline, priority } = this.#options
    timeline.begin(stage)
    const onBegun = (queueMs: number, work: Promise<unknown>): void => {
      timeline.begun(stage, queueMs)
      if (undo) this.#undos.push({ stage, work, undo })
    }
    try {
      return await lanes.run({ stage, priority, onBegun, onSettled: timeline.end.bind(timeline, stage) }, run, this.#total.signal)
    } catch (cause) {
      const error = AgentError.wrap(cause, `${stage} failed`, { stage })
      this.#total.abort(new AgentError('CANCELLED', `${stage} failed`))        // what runs beside it has no purpose any more
      throw error
    }
  }

  /** Runs stages side by side. The first failure ends the others, and is thrown when all have ended. */
  async together (...works: Array<() => Promise<unknown>>): Promise<void> {
    const failures: unknown[] = []
    await Promise.all(works.map(work => work().catch((error: unknown) => { failures.push(error) })))
    if (failures.length > 0) throw failures[0]
  }

  /** Waits for what may be late without harm, `ms` at most. Throws only when the launch as a whole is over. */
  async wait (work: Promise<unknown>, ms: number): Promise<void> {
    await race(settlesWithin(work, ms), this.#total.signal)
  }

  keep (): void {
    this.#undos = []
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    this.#total[Symbol.dispose]()
    for (const undo of this.#undos.reverse()) await this.#undo(undo)
  }

  async #undo ({ stage, work, undo }: Undo): Promise<void> {
    const { metrics, log, undoTimeoutMs } = this.#options
    await settlesWithin(work, settleMs)
    using deadline = startDeadline(undefined, undoTimeoutMs, () => new AgentError('STAGE_TIMEOUT', `undo took over ${undoTimeoutMs / 1000} s`, { stage }))
    await undo(deadline.signal).catch((error: unknown) => {
      metrics.undoFailures.inc()
      log.warn({ stage, error }, 'an undo failed; the sweep will try again')
    })
  }
}
