import type { Writable } from 'node:stream'
import { backoff } from '../base/backoff.ts'
import { delay } from '../base/deadline.ts'
import { AgentError } from '../model/errors.ts'
import { open } from './http-client.ts'
import type { Server } from './server.ts'

export interface LogSource {
  readonly server: Server
  readonly containerId: string
  readonly stream: 'stdout' | 'stderr'
  /** False: what is there now is all. */
  readonly follow?: boolean
  /** The byte to begin at; 0 if not given. */
  readonly offset?: number
  /** Only so many of the last lines. */
  readonly tail?: number | undefined
  /** How many times in a row a connection that breaks is made anew, two seconds apart in the end. */
  readonly reconnects?: number
  /** Called before bytes are written. */
  readonly onBytes?: () => void
}

/** The reader of our output has gone, as `head` does: nothing to complain of. */
export class OutputClosed extends Error {}

export interface LogFollower {
  /** Ends when the log is complete and written. */
  readonly done: Promise<void>
  /** The container has ended: from now on ten seconds without a byte are the end. */
  hurry (): void
  /** Where it ended without a fault; undefined while it goes on. */
  endedAt (): number | undefined
}

const silenceMs = 10_000
const fewReconnects = 5

/** Copies a container's log, byte for byte, as it grows. A connection that breaks is made anew where it broke. */
export function followLog (source: LogSource, to: Writable, signal: AbortSignal): LogFollower {
  const life = new AbortController()
  const onLeave = (): void => { life.abort(signal.reason) }
  if (signal.aborted) onLeave()
  signal.addEventListener('abort', onLeave, { once: true })
  const patience = new Patience(() => {
    life.abort(new AgentError('STAGE_STALLED', `the rest of the task's ${source.stream} did not come within ${silenceMs / 1000} s`))
  })
  if (source.follow === false) patience.start()
  let endedAt: number | undefined
  const done = copyAll(source, to, life.signal, patience).then(end => { endedAt = end }).finally(() => {
    signal.removeEventListener('abort', onLeave)
    patience.end()
  })
  done.catch(() => {})
  return { done, hurry: () => { patience.start() }, endedAt: () => endedAt }
}

async function copyAll (source: LogSource, to: Writable, signal: AbortSignal, patience: Patience): Promise<number | undefined> {
  const position: Position = { offset: source.tail === undefined ? source.offset ?? 0 : undefined }
  const waits = backoff(100, 2000)
  const { reconnects = fewReconnects } = source
  for (let left = reconnects; ; left--) {
    const before = position.offset
    try {
      await copyOnce(source, position, { to, signal, patience })
      return position.offset
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (position.offset !== before) left = reconnects
      if (left === 0 || !isBroken(error)) throw error
      await delay(waits.next().value, signal)
    }
  }
}

function isBroken (error: unknown): boolean {
  return error instanceof AgentError ? error.code === 'AGENT_UNREACHABLE' : !(error instanceof OutputClosed)
}

/** Bytes of the log that are behind us; undefined before the agent has said where its last lines begin. */
interface Position { offset: number | undefined }

/** Where the bytes go, and how long it is waited for them. */
interface Copying { readonly to: Writable, readonly signal: AbortSignal, readonly patience: Patience }

async function copyOnce (source: LogSource, position: Position, copying: Copying): Promise<void> {
  const { to, signal, patience } = copying
  const answer = await open(source.server, { method: 'GET', path: pathOf(source, position), headers: { accept: '*/*' } }, signal)
  // What was asked for may have been rotated away.
  position.offset = Number(answer.headers['slipway-log-offset'] ?? position.offset ?? 0)
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    patience.pause()
    source.onBytes?.()
    await write(to, chunk)
    position.offset += chunk.length
    patience.resume()
  }
}

function pathOf ({ containerId, stream, follow = true, tail }: LogSource, { offset }: Position): string {
  const from = offset === undefined ? `tail=${tail}` : `offset=${offset}`
  return `/slipway/v1/logs/${encodeURIComponent(containerId)}?stream=${stream}&follow=${follow}&${from}`
}

/** Waits until the chunk is out: the container is not to run ahead of a slow reader by more than the agent keeps. */
export function write (to: Writable, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (to.destroyed || to.errored) reject(new OutputClosed())
    else to.write(chunk, error => { if (error) reject(new OutputClosed(error.message)); else resolve() })
  })
}

/** A timer that runs only while we wait for the agent, never while we wait for our own reader. */
class Patience {
  #isRunning = false
  #hasEnded = false
  #timer: NodeJS.Timeout | undefined
  readonly #onEnd: () => void

  constructor (onEnd: () => void) { this.#onEnd = onEnd }

  start (): void {
    this.#isRunning = true
    this.resume()
  }

  pause (): void { clearTimeout(this.#timer) }

  end (): void {
    this.#hasEnded = true
    this.pause()
  }

  resume (): void {
    clearTimeout(this.#timer)
    if (this.#isRunning && !this.#hasEnded) this.#timer = setTimeout(this.#onEnd, silenceMs)
  }
}
