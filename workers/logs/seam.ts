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
/** What the engine hands to us and to its log at once, it logs this much later at most while it lives and works. */
const copierLagMs = 2_000
const newline = Buffer.from('\n')

/** Takes the entries of the engine's log, and writes what the sandbox does not have. It counts bytes; lines and their contents mean nothing to it. */
export class Seam {
  readonly #options: SeamOptions
  readonly #horizon: string
  readonly #place: LogPlace
  #hasBegun = false
  #hasCrossed = false
  #hasTold = false
  readonly #surelyNew: string
  #isLost: boolean
  #toldOfEngine: boolean
  readonly #owes: Record<StreamNumber, boolean> = { 1: false, 2: false }

  constructor (options: SeamOptions) {
    this.#options = options
    const { anchor, lastWrite, engineLostAt } = options
    this.#isLost = anchor === undefined
    this.#place = new LogPlace(anchor ?? beginning, options.strideBytes)
    this.#horizon = engineLostAt ?? timeText(Date.parse(lastWrite) + logLagMs)
    this.#toldOfEngine = engineLostAt === undefined
    this.#surelyNew = timeText(Date.parse(lastWrite) + copierLagMs)
  }

  /** What the log is to be read from; inclusive, as the engine has it. */
  get since (): string {
    const { anchor, lastWrite } = this.#options
    return anchor === undefined ? lastWrite : anchor.time
  }

  get anchor (): Anchor | undefined { return this.#place.anchor }

  add (entry: Entry): void {
    const { have } = this.#options
    const { stream, time, bytes } = entry
    if (!this.#hasBegun) this.#begin(time)
    if (this.#isLost && !this.#isNew(time)) return
    if (time > this.#horizon && !this.#hasCrossed) this.#cross()
    const skip = Math.max(0, have[stream] - this.#place.pass(entry))
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

  /** From here on nothing is in the sandbox yet. If the log has less before it than the sandbox, the engine died before it had logged the rest. */
  #cross (): void {
    const { have } = this.#options
    this.#hasCrossed = true
    if (!this.#toldOfEngine || this.#place.isBehind(have)) this.#place.jump(have)
    this.#afterEngine()
  }

  #begin (time: string): void {
    const { anchor = beginning, have } = this.#options
    this.#hasBegun = true
    const isKnown = anchor.time === '' ? have[1] + have[2] === 0 || time <= this.#horizon : time === anchor.time
    if (isKnown && !this.#isLost) return
    this.#isLost = true
    this.#place.jump(have)
  }

  /** Where the place was lost, time must do: what is older is in the sandbox, or cannot be put there any more without being there twice. */
  #isNew (time: string): boolean {
    if (time <= this.#surelyNew) return false
    if (!this.#hasTold && this.#toldOfEngine) this.#options.gap('output is missing here: the engine did not keep it')
    this.#hasTold = true
    return true
  }

  #afterEngine (): void {
    if (this.#toldOfEngine) return
    this.#toldOfEngine = true
    this.#options.gap('the engine was lost here: output may be missing')
  }
}
