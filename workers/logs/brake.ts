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
  readonly #timer: NodeJS.Timeout
  /** By how much the container may be ahead of the reader, besides what the engine buffers. */
  #lead = 0
  #heldSinceMs: number | undefined
  #hasPassed = false

  constructor (stream: ByteStream, { windowBytes, holdMs, onOverdue }: BrakeOptions) {
    this.#stream = stream
    this.#windowBytes = windowBytes
    stream.on('data', (chunk: Buffer) => { this.#add(chunk.length) })
    stream.on('error', () => {})
    // Held, and nothing more in the log: all that was written has been read.
    this.#timer = setInterval(() => {
      if (this.#heldSinceMs === undefined) return
      if (!this.#hasPassed) this.#release(0)
      else if (performance.now() - this.#heldSinceMs > holdMs) onOverdue()
      this.#hasPassed = false
    }, idleMs)
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
    if (this.#lead <= this.#windowBytes) return
    this.#heldSinceMs ??= performance.now()
    this.#stream.pause()
  }

  #release (lead: number): void {
    this.#lead = lead
    if (this.#heldSinceMs === undefined || lead > this.#windowBytes) return
    this.#heldSinceMs = undefined
    this.#stream.resume()
  }
}
