import { startDeadline, type Deadline } from '../base/deadline.ts'
import { AgentError } from '../model/errors.ts'

/** Launches wait for an engine that does not answer, but not for ever: when it has not for `patienceMs`, they fail until it does. */
export class LaunchHold {
  readonly #patienceMs: number
  readonly #waiting = new Set<Deadline>()
  #timer: NodeJS.Timeout | undefined
  #trouble: AgentError | undefined
  #failure: AgentError | undefined

  constructor (patienceMs: number) { this.#patienceMs = patienceMs }

  /** Why the engine is not up; undefined: it is. */
  tell (trouble: AgentError | undefined): void {
    this.#trouble = trouble
    if (trouble === undefined) {
      clearTimeout(this.#timer)
      this.#timer = this.#failure = undefined
    } else {
      this.#timer ??= setTimeout(() => { this.#fail() }, this.#patienceMs).unref()
    }
  }

  /** The signal, or the end of patience. Dispose it. */
  join (signal: AbortSignal): Deadline {
    const deadline = startDeadline(signal, Infinity, () => new AgentError('INTERNAL', 'no deadline was set'))
    if (this.#failure !== undefined) deadline.abort(this.#failure)
    this.#waiting.add(deadline)
    return {
      ...deadline,
      [Symbol.dispose]: () => {
        this.#waiting.delete(deadline)
        deadline[Symbol.dispose]()
      },
    }
  }

  #fail (): void {
    this.#failure = new AgentError('ENGINE_DOWN', `the engine has been in trouble for over ${this.#patienceMs / 1000} s`, {}, this.#trouble)
    for (const deadline of this.#waiting) deadline.abort(this.#failure)
  }
}
