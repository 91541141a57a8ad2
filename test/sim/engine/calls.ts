import type { CallName } from './call-names.ts'

/** A call as the engine saw it. */
export interface CallRecord {
  readonly call: CallName
  /** The container's name or the image; as the client wrote it where the engine knew no better. */
  readonly name: string
  /** Since the engine's process began. */
  readonly atMs: number
  /** Undefined until it was answered. */
  status: number | undefined
  /** The client went away before the answer was whole. */
  clientGone: boolean
  isOpen: boolean
}

export class Calls {
  readonly #records: CallRecord[] = []
  readonly #cuts = new Map<CallRecord, () => void>()

  begin (call: CallName, name: string, cut: () => void): CallRecord {
    const record: CallRecord = { call, name, atMs: Math.round(performance.now()), status: undefined, clientGone: false, isOpen: true }
    this.#records.push(record)
    this.#cuts.set(record, cut)
    return record
  }

  end (record: CallRecord): void {
    record.isOpen = false
    this.#cuts.delete(record)
  }

  all (): readonly CallRecord[] { return this.#records }

  forget (): void { this.#records.splice(0, this.#records.length, ...this.#cuts.keys()) }

  /** Breaks the connections of the open calls of this name. Answers how many. */
  cut (call: CallName): number {
    const open = [...this.#cuts].filter(([record]) => record.call === call)
    for (const [, cut] of open) cut()
    return open.length
  }
}
