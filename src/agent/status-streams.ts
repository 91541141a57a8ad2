import { backoff } from '../base/backoff.ts'
import type { v1 } from '../wire/messages.ts'

export interface StatusStreamsOptions {
  deliver (frameworkId: string, status: v1.TaskStatus): void
  /** First wait before an update is repeated, doubled up to the second. */
  readonly repeatMs?: readonly [first: number, max: number]
}

interface Stream { readonly frameworkId: string, readonly queue: v1.TaskStatus[], timer: NodeJS.Timeout | undefined }

const defaultRepeatMs = [10_000, 600_000] as const

/** Updates of one task that may wait: an executor can make them without end. */
const maxQueued = 1000

const keyOf = (frameworkId: string, taskId: string): string => `${frameworkId}/${taskId}`      // neither holds a slash

/** Mesos's rule: per task in order, one at a time, the same one again (10 s, doubling to 10 min) until it is acknowledged. */
export class StatusStreams {
  readonly #options: StatusStreamsOptions
  readonly #streams = new Map<string, Stream>()

  constructor (options: StatusStreamsOptions) { this.#options = options }

  get pending (): number {
    let count = 0
    for (const { queue } of this.#streams.values()) count += queue.length
    return count
  }

  push (frameworkId: string, status: v1.TaskStatus): void {
    const key = keyOf(frameworkId, status.task_id.value)
    const stream = this.#streams.get(key) ?? { frameworkId, queue: [], timer: undefined }
    this.#streams.set(key, stream)
    // Of so many that nobody hears, the latest word will do.
    if (stream.queue.length >= maxQueued) stream.queue.pop()
    stream.queue.push(status)
    if (stream.queue.length === 1) this.#send(stream)
  }

  /** True when this was the update that waited; the next one goes out. */
  acknowledge (frameworkId: string, taskId: string, uuid: Uint8Array): boolean {
    const key = keyOf(frameworkId, taskId)
    const stream = this.#streams.get(key)
    const head = stream?.queue[0]?.uuid
    if (stream === undefined || head === undefined || Buffer.compare(head, uuid) !== 0) return false
    stream.queue.shift()
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
    }
  }

  /** Repeats nothing any more. */
  close (): void {
    for (const { timer } of this.#streams.values()) clearTimeout(timer)
    this.#streams.clear()
  }

  #send (stream: Stream, waits = backoff(...this.#options.repeatMs ?? defaultRepeatMs)): void {
    clearTimeout(stream.timer)
    const [head] = stream.queue
    if (head === undefined) return
    stream.timer = setTimeout(() => { this.#send(stream, waits) }, waits.next().value)
    this.#options.deliver(stream.frameworkId, head)
  }
}
