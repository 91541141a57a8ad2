import { backoff } from '../base/backoff.ts'
import type { v1 } from '../wire/messages.ts'

export interface StatusStreamsOptions {
  deliver (frameworkId: string, status: v1.TaskStatus): void
  /** First wait before an update is repeated, doubled up to the second. */
  readonly repeatMs?: readonly [first: number, max: number]
}

interface Stream { readonly frameworkId: string, readonly queue: v1.TaskStatus[], timer: NodeJS.Timeout | undefined }

export interface StatusStreams {
  push (frameworkId: string, status: v1.TaskStatus): void
  /** True when this was the update that waited; the next one goes out. */
  acknowledge (frameworkId: string, taskId: string, uuid: Uint8Array): boolean
  /** Repeats at once what this framework has not acknowledged. */
  resend (frameworkId: string): void
  /** Forgets a framework's updates; none is sent any more. */
  drop (frameworkId: string): void
  readonly pending: number
  /** Repeats nothing any more. */
  close (): void
}

/** Mesos's rule: per task in order, one at a time, the same one again (10 s, doubling to 10 min) until it is acknowledged. */
export function statusStreams ({ deliver, repeatMs = [10_000, 600_000] }: StatusStreamsOptions): StatusStreams {
  const streams = new Map<string, Stream>()
  const keyOf = (frameworkId: string, taskId: string): string => `${frameworkId}/${taskId}`      // neither holds a slash

  function send (stream: Stream, waits = backoff(...repeatMs)): void {
    clearTimeout(stream.timer)
    const [head] = stream.queue
    if (head === undefined) return
    stream.timer = setTimeout(() => { send(stream, waits) }, waits.next().value)
    deliver(stream.frameworkId, head)
  }

  return {
    push (frameworkId, status) {
      const key = keyOf(frameworkId, status.task_id.value)
      const stream = streams.get(key) ?? { frameworkId, queue: [], timer: undefined }
      streams.set(key, stream)
      stream.queue.push(status)
      if (stream.queue.length === 1) send(stream)
    },
    acknowledge (frameworkId, taskId, uuid) {
      const key = keyOf(frameworkId, taskId)
      const stream = streams.get(key)
      const head = stream?.queue[0]?.uuid
      if (stream === undefined || head === undefined || Buffer.compare(head, uuid) !== 0) return false
      stream.queue.shift()
      send(stream)
      if (stream.queue.length === 0) streams.delete(key)
      return true
    },
    resend (frameworkId) {
      for (const stream of streams.values()) if (stream.frameworkId === frameworkId) send(stream)
    },
    drop (frameworkId) {
      for (const [key, stream] of streams) {
        if (stream.frameworkId !== frameworkId) continue
        clearTimeout(stream.timer)
        streams.delete(key)
      }
    },
    close () {
      for (const { timer } of streams.values()) clearTimeout(timer)
      streams.clear()
    },
    get pending () {
      let count = 0
      for (const { queue } of streams.values()) count += queue.length
      return count
    },
  }
}
