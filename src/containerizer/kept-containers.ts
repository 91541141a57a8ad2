import { settlesWithin } from '../base/deadline.ts'
import type { AgentError } from '../model/errors.ts'
import { drop, put, type Change, type Checkpoint } from '../store/checkpoint.ts'
import { toRecord } from './container-record.ts'
import type { Container } from './container.ts'

/** A disk that does not answer does not keep a kill waiting. */
const patienceMs = 1_000

/** Writes containers down as they change, so that the next run of the agent finds them. */
export class KeptContainers {
  readonly #checkpoint: Checkpoint
  readonly #written = new WeakMap<Container, Promise<unknown>>()

  constructor (checkpoint: Checkpoint) { this.#checkpoint = checkpoint }

  get fault (): AgentError | undefined { return this.#checkpoint.fault }

  /** It has changed: soon that is written down, with what else must be with it. */
  note (container: Container, alongside: readonly Change[] = []): void {
    if (container.state === 'gone') return         // whoever was at work on it comes too late
    this.#keep(container, this.#checkpoint.commit(put('container', container.id, toRecord(container)), ...alongside))
  }

  /** It is gone: nobody will ask for it. */
  forget (container: Container): void {
    this.#keep(container, this.#checkpoint.commit(drop('container', container.id)))
  }

  /** Waits until it is on the disk as it was noted last. Throws why it is not. */
  async written (container: Container): Promise<void> {
    await this.#written.get(container)
  }

  /** The same, for what must not wait long and goes on in any case. */
  async writtenSoon (container: Container): Promise<void> {
    await settlesWithin(this.written(container), patienceMs)
  }

  #keep (container: Container, written: Promise<void>): void {
    written.catch(() => {})
    this.#written.set(container, written)
  }
}
