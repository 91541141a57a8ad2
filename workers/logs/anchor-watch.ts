import type { ByteStream } from '../../src/engine/port.ts'
import type { Anchor } from '../../src/model/log-record.ts'
import { logEntries } from './log-entries.ts'
import { entryOverhead, LogPlace } from './log-place.ts'

export interface AnchorWatchOptions {
  readonly anchor: Anchor | undefined
  /** A new anchor is looked for when the engine's log has grown by this. */
  readonly strideBytes: number
  /** The engine's log from a time on, up to now. */
  openLog (since: string): Promise<ByteStream>
  onAnchor (anchor: Anchor | undefined): void
}

const newline = 0x0a
/** Of what is read at once, the last place that is known is as near to its end. */
const placeBytes = 4096
/** After a reading it rests so many times as long: counting must not cost more than the output itself. */
const restFactor = 3
/** Of four strides that the engine keeps at least, two are used up: it rests no longer. */
const urgentFactor = 2

/**
 * While a container's output is read live, its bytes have no times; the engine's log has. Before the engine rotates the last known place away, the
 * log is read on from there to its end, and a later place is known. What prints faster than that can be done loses its place.
 */
export class AnchorWatch implements Disposable {
  readonly #options: AnchorWatchOptions
  #anchor: Anchor | undefined
  #grown = 0
  #isReading = false
  #notBeforeMs = 0
  #source: ByteStream | undefined
  #isOver = false

  constructor (options: AnchorWatchOptions) {
    this.#options = options
    this.#anchor = options.anchor
  }

  /** So much came live. */
  saw (bytes: Uint8Array): void {
    if (this.#anchor === undefined) return
    this.#grown += bytes.length + entryOverhead * linesIn(bytes)
    const { strideBytes } = this.#options
    const isDue = this.#grown >= strideBytes && performance.now() >= this.#notBeforeMs
    if (this.#isReading || !(isDue || this.#grown >= urgentFactor * strideBytes)) return
    this.#grown = 0
    this.#isReading = true
    const startedAt = performance.now()
    void this.#read(this.#anchor).catch(() => {}).finally(() => {
      this.#isReading = false
      const now = performance.now()
      this.#notBeforeMs = now + restFactor * (now - startedAt)
    })
  }

  [Symbol.dispose] (): void {
    this.#isOver = true
    this.#source?.destroy()
  }

  async #read (from: Anchor): Promise<void> {
    const place = new LogPlace(from, placeBytes)
    let first: string | undefined
    const parse = logEntries(entry => {
      first ??= entry.time
      place.pass(entry)
    })
    const source = this.#source = await this.#options.openLog(from.time)
    if (this.#isOver) source.destroy()
    for await (const chunk of source as AsyncIterable<Buffer>) parse(chunk)
    if (this.#isOver) return
    // Where it was, the engine has rotated by now.
    this.#anchor = from.time !== '' && first !== from.time ? undefined : place.anchor
    this.#options.onAnchor(this.#anchor)
  }
}

function linesIn (bytes: Uint8Array): number {
  let lines = 1
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === newline) lines++
  return lines
}
