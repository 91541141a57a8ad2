import { drop, put, type Checkpoint } from '../../store/checkpoint.ts'
import type { FrameworkRecord } from '../../store/records.ts'
import { parseJson, printJson } from '../../wire/json.ts'
import type { v1 } from '../../wire/messages.ts'

/** The frameworks that have something here, as the master told of them last; written down, so that their tasks outlive the agent. */
export class Frameworks {
  readonly #checkpoint: Checkpoint
  readonly #known = new Map<string, v1.FrameworkInfo>()

  readonly #holds: (id: string) => boolean

  /** `holds`: a framework has something here. */
  constructor (checkpoint: Checkpoint, holds: (id: string) => boolean) {
    this.#checkpoint = checkpoint
    this.#holds = holds
  }

  restore (records: ReadonlyMap<string, FrameworkRecord>): void {
    for (const [id, { info }] of records) this.#known.set(id, parseJson('v1.FrameworkInfo', JSON.parse(info)))
  }

  find (id: string): v1.FrameworkInfo | undefined { return this.#known.get(id) }

  ids (): string[] { return [...this.#known.keys()] }

  /** In the same transaction as what else this turn of the event loop writes down: a task is never there without its framework. */
  note (id: string, info: v1.FrameworkInfo): void {
    const text = printJson('v1.FrameworkInfo', info)
    const known = this.#known.get(id)
    this.#known.set(id, info)
    if (known === undefined || printJson('v1.FrameworkInfo', known) !== text) this.#checkpoint.commit(put('framework', id, { info: text })).catch(() => {})
  }

  /** Nothing of it is left: it comes again with its next task. */
  forgetIfIdle (id: string): void {
    if (!this.#holds(id)) this.forget(id)
  }

  forget (id: string): void {
    if (this.#known.delete(id)) this.#checkpoint.commit(drop('framework', id)).catch(() => {})
  }
}
