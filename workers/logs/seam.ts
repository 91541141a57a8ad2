import { beginning, type Anchor } from '../../src/model/log-record.ts'
import type { StreamNumber } from './demultiplex.ts'
import { timeText, type Entry } from './log-entries.ts'
import { LogPlace } from './log-place.ts'

/** What is known when the engine's log is to go on where the sandbox ends. */
export interface SeamOptions {
  /** undefined: none is known any more. */
  readonly anchor: Anchor | undefined
  /** How much of each stream the sandbox has. */
  readonly have: Readonly<Record<StreamNumber, number>>
  /** When the sandbox was written last. */
  readonly lastWrite: string
  /** When the engine was lost, if it was: what it had not logged by then has died with it. */
  readonly engineLostAt: string | undefined
  readonly strideBytes: number
  write (stream: StreamNumber, bytes: Buffer, from: number): void
  /** Here output may be missing. */
  gap (why: string): void
}

/** How much later than it was handed to us something may be logged. */
const logLagMs = 5_000
const newline = Buffer.from('\n')

/** Takes the entries of the engine's log, and writes what the sandbox does not have. It counts bytes; lines and their contents mean nothing to it. */
export class Seam {
  readonly #options: SeamOptions
  readonly #horizon: string
  #place: LogPlace
  #hasBegun = false
  #isLost: boolean
  #toldOfEngine: boolean
  readonly #owes: Record<StreamNumber, boolean> = { 1: false, 2: false }

  constructor (options: SeamOptions) {
    this.#options = options
    const { anchor, lastWrite, engineLostAt } = options
    this.#isLost = anchor === undefined
    this.#place = new LogPlace(anchor, options.strideBytes)
    this.#horizon = engineLostAt ?? timeText(Date.parse(lastWrite) + logLagMs)
    this.#toldOfEngine = engineLostAt === undefined
  }

  /** What the log is to be read from; inclusive, as the engine has it. */
  get since (): string {
    const { anchor, lastWrite } = this.#options
    return anchor === undefined ? lastWrite : anchor.time
  }

  get anchor (): Anchor | undefined {
    const { anchor } = this.#place
    return this.#isLost && anchor?.time === '' ? undefined : anchor
  }

  add (entry: Entry): void {
    const { have, lastWrite } = this.#options
    const { stream, time, bytes } = entry
    if (!this.#hasBegun) this.#begin(time)
    // Where the place was lost, time must do: what is older is in the sandbox, or cannot be put there any more.
    if (this.#isLost && time <= lastWrite) return
    if (time > this.#horizon) this.#afterEngine()
    const begins = this.#place.pass(entry)
    let skip = Math.max(0, have[stream] - begins)
    if (skip > 0 && time > this.#horizon) {
      this.#place.shift(stream, skip)
      skip = 0
    }
    this.#settle(stream)
    if (skip < bytes.length) this.#options.write(stream, bytes, skip)
    this.#owes[stream] = entry.owesNewline && skip <= bytes.length
  }

  /** The log has ended. */
  end (): void {
    for (const stream of [1, 2] as const) this.#settle(stream)
    this.#afterEngine()
  }

  /** It was a line, as its stream went on; at the end of a stream, nearly all are. */
  #settle (stream: StreamNumber): void {
    if (this.#owes[stream]) this.#options.write(stream, newline, 0)
    this.#owes[stream] = false
  }

  #begin (time: string): void {
    const { anchor = beginning, have, gap } = this.#options
    this.#hasBegun = true
    const isKnown = anchor.time === '' ? have[1] + have[2] === 0 || time <= this.#horizon : time === anchor.time
    if (isKnown && !this.#isLost) return
    this.#isLost = true
    this.#place = new LogPlace({ time: '', stdout: have[1], stderr: have[2] }, 0)
    if (this.#toldOfEngine) gap('output is missing here: the engine did not keep it')
    else this.#afterEngine()
  }

  #afterEngine (): void {
    if (this.#toldOfEngine) return
    this.#toldOfEngine = true
    this.#options.gap('the engine was lost here: output may be missing')
  }
}
