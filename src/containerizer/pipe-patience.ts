import { backoff } from '../base/backoff.ts'
import type { AgentError } from '../model/errors.ts'

/** What is done where the engine's log will not give what is missing. */
export interface LastResort {
  /** It is marked with these words; undefined: nothing is missing. */
  readonly why: string | undefined
  /** A container that runs is read live from there on. */
  readonly goesOn: boolean
}

/** A pipe that was laid for so long had no trouble with what broke it last. */
const steadyMs = 30_000
/** One that has lost more workers than this is the cause of it. */
const maxWorkersLost = 3
/** An engine that reads an entry while it writes it will read it well the next time; errors that overtake entries come behind more of them. */
const maxInVain = 3
/** The container is not there, or is being removed. */
const goneStatuses: ReadonlySet<unknown> = new Set([404, 409])

/** How long a pipe that breaks is laid again, and after what waits. */
export class PipePatience {
  #waits = backoff(100, 5_000)
  #workersLost = 0
  #inVain = 0
  #furthest = -1
  #hasEndedInOrder = false

  /** Before the next try. */
  waitMs (): number { return Number(this.#waits.next().value) }

  /** All that the container wrote has come, if it is gone when it is looked at next. */
  endedInOrder (): void { this.#hasEndedInOrder = true }

  /** undefined: it is tried again. */
  lastResort ({ code, detail }: AgentError, livedMs: number): LastResort | undefined {
    const hadEndedInOrder = this.#hasEndedInOrder
    this.#hasEndedInOrder = false
    if (livedMs > steadyMs) this.#beginAnew()
    this.#workersLost += Number(code === 'WORKER_DIED')
    if (code === 'ENGINE_LOG_DAMAGED') this.#countReading(Number(detail['stdout']) + Number(detail['stderr']))
    if (this.#workersLost > maxWorkersLost) return { why: 'the log pipe was given up: output may be missing', goesOn: false }
    if (detail['call'] === 'logs' && goneStatuses.has(detail['status'])) return gone(hadEndedInOrder)
    if (this.#inVain < maxInVain) return undefined
    this.#inVain = 0
    return { why: 'the engine cannot read its log: output may be missing', goesOn: true }
  }

  #beginAnew (): void {
    this.#waits = backoff(100, 5_000)
    this.#workersLost = 0
  }

  /** `position`: so many bytes of both streams were there when it broke off. */
  #countReading (position: number): void {
    this.#inVain = position > this.#furthest ? 1 : this.#inVain + 1
    this.#furthest = Math.max(this.#furthest, position)
  }
}

function gone (hadEndedInOrder: boolean): LastResort {
  return { why: hadEndedInOrder ? undefined : 'the container was removed: output may be missing', goesOn: false }
}
