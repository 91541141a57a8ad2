import { backoff } from '../base/backoff.ts'
import type { AgentError } from '../model/errors.ts'

/** What is done where the engine's log will not give what is missing: it is marked, with these words. */
export interface LastResort {
  readonly why: string
  /** A container that runs is read live from there on. */
  readonly goesOn: boolean
}

/** A pipe that has lived for so long had no trouble with what broke it last. */
const steadyMs = 30_000
/** One that has lost more workers than this is the cause of it. */
const maxWorkersLost = 3
/** An engine that reads an entry while it writes it will read it well the next time. */
const maxDamaged = 3
/** The container is not there, or is being removed. */
const goneStatuses: ReadonlySet<unknown> = new Set([404, 409])

/** How long a pipe that breaks is laid again, and after what waits. */
export class PipePatience {
  #waits = backoff(100, 5_000)
  #workersLost = 0
  #damaged = 0

  /** Before the next try. */
  waitMs (): number { return Number(this.#waits.next().value) }

  /** undefined: it is tried again. */
  lastResort ({ code, detail }: AgentError, livedMs: number): LastResort | undefined {
    if (livedMs > steadyMs) this.#beginAnew()
    this.#workersLost += Number(code === 'WORKER_DIED')
    this.#damaged += Number(code === 'ENGINE_LOG_DAMAGED')
    if (this.#workersLost > maxWorkersLost) return { why: 'the log pipe was given up: output may be missing', goesOn: false }
    if (detail['call'] === 'logs' && goneStatuses.has(detail['status'])) return { why: 'the container was removed: output may be missing', goesOn: false }
    if (this.#damaged < maxDamaged) return undefined
    this.#damaged = 0
    return { why: 'the engine cannot read its log: output may be missing', goesOn: true }
  }

  #beginAnew (): void {
    this.#waits = backoff(100, 5_000)
    this.#workersLost = this.#damaged = 0
  }
}
