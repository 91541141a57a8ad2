import type { ByteStream } from '../../src/engine/port.ts'

const idleMs = 250

export interface BrakeOptions {
  readonly windowBytes: number
  readonly holdMs: number
  /** The container has been held for longer than `holdMs` at a stretch. */
  onOverdue (): void
}

/**
 * A second way to a container's output, whose bytes nobody wants: as long as they are not read, the container waits. Thus a reader of the engine's log that
 * falls behind is waited for, before the engine rotates away what it has not read.
 */
export class Brake implements Disposable {
  readonly #stream: ByteStream
  readonly #windowBytes: number
  readonly #holdMs: number
  readonly #onOverdue: () => void
  /** While it holds. */
  #timer: NodeJS.Timeout | undefined
  /** By how much the container may be ahead of the reader, besides what the engine buffers. */
  #lead = 0
  #heldSinceMs = 0
  #hasPassed = false

  constructor (stream: ByteStream, { windowBytes, holdMs, onOverdue }: BrakeOptions) {
    this.#stream = stream
    this.#windowBytes = windowBytes
    this.#holdMs = holdMs
    this.#onOverdue = onOverdue
    stream.on('data', (chunk: Buffer) => { this.#add(chunk.length) })
    stream.on('error', () => {})
  }

  /** The reader has gone past so many bytes that were written since the brake was there. */
  passed (bytes: number): void {
    this.#hasPassed = true
    this.#release(this.#lead - bytes)
  }

  [Symbol.dispose] (): void {
    clearInterval(this.#timer)
    this.#stream.destroy()
  }

  #add (bytes: number): void {
    this.#lead += bytes
    if (this.#lead <= this.#windowBytes || this.#timer !== undefined) return
    this.#hasPassed = false
    this.#heldSinceMs = performance.now()
    this.#timer = setInterval(() => { this.#lookAgain() }, idleMs)
    this.#stream.pause()
  }

  /** Held, and nothing more in the log: all that was written has been read. */
  #lookAgain (): void {
    if (!this.#hasPassed) this.#release(0)
    else if (performance.now() - this.#heldSinceMs > this.#holdMs) this.#onOverdue()
    this.#hasPassed = false
  }

  #release (lead: number): void {
    this.#lead = lead
    if (this.#timer === undefined || lead > this.#windowBytes) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#stream.resume()
  }
}
