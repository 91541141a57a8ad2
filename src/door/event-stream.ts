import type { FastifyReply } from 'fastify'

export interface EventStreamOptions {
  readonly headers: Readonly<Record<string, string>>
  /** A reader that leaves more than this unread for longer than a moment is cut off. */
  readonly maxBufferedBytes?: number
  /** Called once, when the stream has ended for whatever reason: closed here, gone there, cut off. */
  readonly onClosed: (how: StreamEnd) => void
}

export interface StreamEnd {
  readonly cutOff: boolean
  readonly chunks: number
  readonly bytes: number
}

/** A 200 response that stays open. Framing is the caller's. */
export interface EventStream {
  /** Never waits and never throws; after the end it does nothing. */
  send (chunk: Uint8Array | string): void
  /** Sends what is buffered, then ends the response and its connection. */
  close (): void
  readonly isOpen: boolean
}

const defaultMaxBufferedBytes = 16 * 1024 * 1024
/** What is sent in one go is all buffered at first, also for a reader that reads. */
const burstMs = 1000
/** How often the kernel looks whether a silent reader's machine is still there. */
const keepAliveProbeMs = 30_000
/** A reader that does not take the rest is not waited for longer. */
const closeGraceMs = 2000

export function openEventStream (reply: FastifyReply, options: EventStreamOptions): EventStream {
  const { headers, maxBufferedBytes = defaultMaxBufferedBytes, onClosed } = options
  reply.hijack()
  const response = reply.raw
  const counts = { chunks: 0, bytes: 0 }
  let isOpen = true
  let cutOff = false
  let force: NodeJS.Timeout | undefined
  let check: NodeJS.Timeout | undefined

  const ended = (): void => {
    isOpen = false
    clearTimeout(force)
    clearTimeout(check)
    onClosed({ cutOff, ...counts })
  }
  const cutOffWhenFull = (): void => {
    check = undefined
    if (response.writableLength <= maxBufferedBytes) return
    cutOff = true
    isOpen = false
    response.destroy()
  }
  response.on('error', () => {})
  // A client that left while its request was read: the event has been.
  if (response.closed || response.destroyed) setImmediate(ended)
  else response.once('close', ended)
  response.socket?.setKeepAlive(true, keepAliveProbeMs)
  // The connection ends with the stream: nobody is to take its silence for a next answer.
  response.writeHead(200, { ...headers, connection: 'close' })
  response.flushHeaders()

  return {
    get isOpen () { return isOpen && !response.destroyed },
    send (chunk) {
      if (!isOpen || response.destroyed) return
      counts.chunks++
      counts.bytes += chunk.length
      response.write(chunk)
      if (response.writableLength > maxBufferedBytes) check ??= setTimeout(cutOffWhenFull, burstMs)
    },
    close () {
      if (!isOpen) return
      isOpen = false
      response.end()
      force = setTimeout(() => { response.destroy() }, closeGraceMs)
    },
  }
}
