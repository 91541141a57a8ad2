import { backoff } from '../base/backoff.ts'
import { delay } from '../base/deadline.ts'
import type { v1 } from '../wire/messages.ts'

/** An update and whose it is. */
export interface Update {
  readonly frameworkId: string
  readonly status: v1.TaskStatus
  /** Whose end it tells, for a master that asks after tasks until it has heard of their end. */
  readonly task?: v1.Task | undefined
}

export interface StatusStreamsOptions {
  deliver (frameworkId: string, status: v1.TaskStatus): void
  /** Writes an update down; it goes out when that settles. Must not reject. Without it updates go out at once. */
  keep? (update: Update): Promise<void>
  /** An update is over and done with. */
  forget? (update: Update): void
  /** First wait before an update is repeated, doubled up to the second. */
  readonly repeatMs?: readonly [first: number, max: number]
}

interface Entry extends Update { isKept: boolean }
interface Stream { readonly frameworkId: string, readonly queue: Entry[], timer: NodeJS.Timeout | undefined }

const lookMs = 20
const defaultRepeatMs = [10_000, 600_000] as const

/** Updates of one task that may wait: an executor can make them without end. */
const maxQueued = 1000

const keyOf = (frameworkId: string, taskId: string): string => `${frameworkId}/${taskId}`      // neither holds a slash

/** Mesos's rule: per task in order, one at a time, the same one again (10 s, doubling to 10 min) until it is acknowledged. */
export class StatusStreams {
  readonly #options: StatusStreamsOptions
  readonly #streams = new Map<string, Stream>()
  #isClosed = false

  constructor (options: StatusStreamsOptions) { this.#options = options }

  get pending (): number {
    let count = 0
    for (const { queue } of this.#streams.values()) count += queue.length
    return count
  }

  push (frameworkId: string, status: v1.TaskStatus, task?: v1.Task): void {
    const { keep } = this.#options
    const entry: Entry = { frameworkId, status, task, isKept: keep === undefined }
    const stream = this.#enqueue(entry)
    if (keep === undefined) {
      if (stream.queue[0] === entry) this.#send(stream)
      return
    }
    void keep(entry).then(() => {
      entry.isKept = true
      if (stream.queue[0] === entry) this.#send(stream)
    })
  }

  /** Takes in the updates of an earlier run, in their order. They go out when they are sent again. */
  restore (updates: Iterable<Update>): void {
    for (const update of updates) this.#enqueue({ ...update, isKept: true })
    for (const stream of this.#streams.values()) this.#send(stream)
  }

  /** True when this was the update that waited; the next one goes out. */
  acknowledge (frameworkId: string, taskId: string, uuid: Uint8Array): boolean {
    const key = keyOf(frameworkId, taskId)
    const stream = this.#streams.get(key)
    const [head] = stream?.queue ?? []
    if (stream === undefined || head?.status.uuid === undefined || Buffer.compare(head.status.uuid, uuid) !== 0) return false
    stream.queue.shift()
    this.#options.forget?.(head)
    this.#send(stream)
    if (stream.queue.length === 0) this.#streams.delete(key)
    return true
  }

  /** Repeats at once what this framework has not acknowledged. */
  resend (frameworkId: string): void {
    for (const stream of this.#streams.values()) if (stream.frameworkId === frameworkId) this.#send(stream)
  }

  /** Forgets a framework's updates; none is sent any more. */
  drop (frameworkId: string): void {
    for (const [key, stream] of this.#streams) {
      if (stream.frameworkId !== frameworkId) continue
      clearTimeout(stream.timer)
      this.#streams.delete(key)
      for (const update of stream.queue.splice(0)) this.#options.forget?.(update)
    }
  }

  /** The updates that nobody has acknowledged. */
  * all (): Generator<Update> {
    for (const { queue } of this.#streams.values()) yield * queue
  }

  /** The newest update of a task that waits. */
  latest (frameworkId: string, taskId: string): v1.TaskStatus | undefined {
    return this.#streams.get(keyOf(frameworkId, taskId))?.queue.at(-1)?.status
  }

  /** Updates of this framework wait to be acknowledged. */
  holds (frameworkId: string): boolean {
    for (const stream of this.#streams.values()) if (stream.frameworkId === frameworkId) return true
    return false
  }

  /** Waits until all has been heard, `ms` at most. */
  async heard (ms: number): Promise<void> {
    for (const endMs = performance.now() + ms; this.pending > 0 && performance.now() < endMs;) await delay(lookMs)
  }

  /** Sends nothing any more. What comes is still written down. */
  close (): void {
    this.#isClosed = true
    for (const stream of this.#streams.values()) {
      clearTimeout(stream.timer)
      stream.queue.length = 0
    }
    this.#streams.clear()
  }

  #enqueue (entry: Entry): Stream {
    const key = keyOf(entry.frameworkId, entry.status.task_id.value)
    const stream = this.#streams.get(key) ?? { frameworkId: entry.frameworkId, queue: [], timer: undefined }
    this.#streams.set(key, stream)
    // Of so many that nobody hears, the latest word will do.
    const [dropped] = stream.queue.length >= maxQueued ? stream.queue.splice(-1) : []
    if (dropped !== undefined) this.#options.forget?.(dropped)
    stream.queue.push(entry)
    return stream
  }

  #send (stream: Stream, waits = backoff(...this.#options.repeatMs ?? defaultRepeatMs)): void {
    clearTimeout(stream.timer)
    const [head] = stream.queue
    if (head === undefined || !head.isKept || this.#isClosed) return
    stream.timer = setTimeout(() => { this.#send(stream, waits) }, waits.next().value)
    this.#options.deliver(stream.frameworkId, head.status)
  }
}
