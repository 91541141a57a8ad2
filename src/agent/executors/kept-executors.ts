import { backoff } from '../../base/backoff.ts'
import { delay, settlesWithin } from '../../base/deadline.ts'
import type { Checkpoint } from '../../store/checkpoint.ts'
import type { executor as api } from '../../wire/messages.ts'
import { executorChange, executorGone } from './executor-records.ts'
import type { Executor } from './executor.ts'

/** A disk that does not answer keeps no executor from its work for longer. */
const patienceMs = 5_000
/** And does not keep a kill waiting. */
const killPatienceMs = 1_000
const retryMs = [100, 5_000] as const

/** Writes executors down as they change, so that the next run of the agent knows them when they come back. */
export class KeptExecutors {
  readonly #checkpoint: Checkpoint

  constructor (checkpoint: Checkpoint) { this.#checkpoint = checkpoint }

  note (executor: Executor): void {
    this.#checkpoint.commit(executorChange(executor)).catch(() => {})
  }

  forget (executor: Executor): void {
    this.#checkpoint.commit(executorGone(executor)).catch(() => {})
  }

  /** Where it will find the agent, and the next run of the agent must be. */
  async gateway (executor: Executor, gateway: string): Promise<void> {
    executor.gateway = gateway
    this.note(executor)
    await this.writtenSoon()
  }

  /** Waits until all that was noted of anything is on the disk, but not for long. */
  async writtenSoon (): Promise<void> {
    await settlesWithin(this.#checkpoint.commit(), patienceMs)
  }

  /** The same, however long it takes. False: the wait was ended. */
  async written (closing: AbortSignal): Promise<boolean> {
    for (const ms of backoff(...retryMs)) {
      try {
        await this.#checkpoint.commit()
        return true
      } catch {
        await delay(ms, closing).catch(() => {})
      }
      if (closing.aborted) return false
    }
    return false
  }

  /** What the next run of the agent must know of as well is sent when that is on the disk, or soon. A link that is opened meanwhile brings it anyway. */
  async tellOnceWritten (executor: Executor, event: api.Event): Promise<void> {
    const { link } = executor
    await settlesWithin(this.#checkpoint.commit(), killPatienceMs)
    if (executor.link === link) link?.send(event)
  }
}
