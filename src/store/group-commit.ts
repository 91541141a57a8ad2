import { backoff } from '../base/backoff.ts'
import { deferred, type Deferred } from '../base/deferred.ts'
import { AgentError } from '../model/errors.ts'
import type { Change, Checkpoint } from './checkpoint.ts'
import { encodeRecord } from './versions.ts'

/** Texts by key; undefined takes the record away. */
export type Group = ReadonlyMap<string, string | undefined>

export interface GroupCommitOptions {
  /** One transaction, durable when it resolves. */
  write (group: Group): Promise<void>
  /** It cannot be written any more, or it can again. */
  onFault (fault: AgentError | undefined): void
  onCommit (records: number, ms: number): void
  /** Between tries to write what could not be written. */
  readonly retryMs?: readonly [first: number, max: number]
  /** A write that takes longer is a fault, too. */
  readonly slowMs?: number
}

/** More than that is no description of a task any more. */
const maxRecordBytes = 4 << 20
const defaultSlowMs = 5_000
const defaultRetryMs = [500, 5_000] as const

/**
 * Many commits, one write at a time: what comes while one is under way goes into the next, whole. What could not be written stays here, newest value
 * only, and is tried again until it is.
 */
export class GroupCommit implements Checkpoint {
  readonly #options: GroupCommitOptions
  #unwritten = new Map<string, string | undefined>()
  #waiting: Array<Deferred<void>> = []
  #isScheduled = false
  #writing: Promise<void> | undefined
  #fault: AgentError | undefined
  #retry: NodeJS.Timeout | undefined
  #waits: Generator<number, never>
  #isClosed = false

  constructor (options: GroupCommitOptions) {
    this.#options = options
    this.#waits = backoff(...options.retryMs ?? defaultRetryMs)
  }

  get fault (): AgentError | undefined { return this.#fault }

  async commit (...changes: Change[]): Promise<void> {
    if (this.#isClosed) throw new AgentError('CANCELLED', 'the checkpoint is closed')
    for (const [key, text] of changes.map(encode)) {
      this.#unwritten.delete(key)         // in the order of the last change
      this.#unwritten.set(key, text)
    }
    const done = deferred()
    this.#waiting.push(done)
    this.#schedule()
    await done.promise
  }

  /** Takes no more, writes what there is. Bounded by the writes themselves. */
  async close (): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#retry)
    while (this.#writing !== undefined) await this.#writing
    if (this.#unwritten.size > 0) await this.#write()
  }

  /** After this turn: what else it changes comes along. */
  #schedule (): void {
    if (this.#isScheduled || this.#writing !== undefined) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (this.#writing === undefined) this.#begin()
    })
  }

  #begin (): void {
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
      if (this.#waiting.length > 0) this.#begin()
    })
  }

  async #write (): Promise<void> {
    const [group, waiting] = [this.#unwritten, this.#waiting]
    this.#unwritten = new Map()
    this.#waiting = []
    clearTimeout(this.#retry)
    const startedAt = performance.now()
    const overdue = this.#watchOver(this.#options.slowMs ?? defaultSlowMs)
    try {
      await this.#options.write(group)
      this.#options.onCommit(group.size, performance.now() - startedAt)
      this.#setFault(undefined)
      for (const { resolve } of waiting) resolve()
    } catch (error) {
      const fault = AgentError.from(error)
      this.#unwritten = new Map([...group, ...this.#unwritten])       // what has come since is newer
      for (const { reject } of waiting) reject(fault)
      this.#setFault(fault)
      if (!this.#isClosed) this.#retry = setTimeout(() => { if (this.#writing === undefined) this.#begin() }, this.#waits.next().value).unref()
    } finally {
      clearTimeout(overdue)
    }
  }

  /** A disk that hangs is told of, though nobody knows yet what becomes of the write. */
  #watchOver (slowMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#setFault(new AgentError('CHECKPOINT_FAILED', `the disk has not taken a write of the checkpoint for ${slowMs / 1000} s`))
    }, slowMs).unref()
  }

  #setFault (fault: AgentError | undefined): void {
    const had = this.#fault
    this.#fault = fault
    if (fault === undefined) this.#waits = backoff(...this.#options.retryMs ?? defaultRetryMs)
    if (had?.message !== fault?.message) this.#options.onFault(fault)
  }
}

function encode ({ family, key, record }: Change): [key: string, text: string | undefined] {
  const text = record === undefined ? undefined : encodeRecord(family, record)
  if (text !== undefined && text.length > maxRecordBytes) {
    throw new AgentError('SPEC_INVALID', `the ${family} record of ${key} has ${text.length} characters; at most ${maxRecordBytes} can be checkpointed`)
  }
  return [`${family}/${key}`, text]
}
