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
  /** When engines began that came after one that was lost: what that one had not logged has died with it. Of what is later, the sandbox has nothing. */
  readonly losses: readonly string[]
  /** The container has ended: what is not in the log now will never be. */
  readonly isOver: boolean
  readonly strideBytes: number
  /** So many bytes at the end of what the sandbox has of a stream; undefined when they cannot be told. */
  tail (stream: StreamNumber, bytes: number): Buffer | undefined
  write (stream: StreamNumber, bytes: Buffer, from: number): void
  /** Here output may be missing. */
  gap (why: string, known: KnownAfterGap): void
}

/** What is right as soon as a gap has been marked: from where to count, if that is known, and the losses that are still to come. */
export interface KnownAfterGap { readonly anchor: Anchor | undefined, readonly losses: readonly string[] }

/** How much later than it was handed to us something may be logged; but a line is logged when it ends. */
const logLagMs = 5_000
/** What the engine hands to us and to its log at once, it logs this much later at most while it lives and works. */
const copierLagMs = 2_000
const newline = Buffer.from('\n')
const notKept = 'output is missing here: the engine did not keep it'
const placeLost = 'output may be missing here: its place in the engine\'s log is lost'
const engineLost = 'the engine was lost here: output may be missing'

/** What a reader of the log is to ask for; inclusive, as the engine has it. */
export function readFrom (anchor: Anchor | undefined, lastWrite: string): string {
  return anchor === undefined ? lastWrite : anchor.time
}

/** Takes the entries of the engine's log, and writes what the sandbox does not have. It counts bytes; lines and their contents mean nothing to it. */
export class Seam {
  readonly #options: SeamOptions
  readonly #horizon: string
  readonly #surelyNew: string
  readonly #place: LogPlace
  readonly #owes: Record<StreamNumber, boolean> = { 1: false, 2: false }
  #losses: readonly string[]
  #hasBegun = false
  /** Of what comes, the sandbox has nothing. */
  readonly #hasCrossed: Record<StreamNumber, boolean> = { 1: false, 2: false }
  #isLost: boolean
  #hasTold = false
  /** Where the place was lost: something was logged after the sandbox's last write that may be in there, or not. */
  #mayHaveMore = false

  constructor (options: SeamOptions) {
    this.#options = options
    const { anchor, lastWrite, losses } = options
    this.#isLost = anchor === undefined
    this.#place = new LogPlace(anchor ?? beginning, options.strideBytes)
    this.#horizon = timeText(Date.parse(lastWrite) + logLagMs)
    this.#surelyNew = timeText(Date.parse(lastWrite) + copierLagMs)
    this.#losses = losses
  }

  get anchor (): Anchor | undefined { return this.#place.anchor }

  add (entry: Entry): void {
    const { have } = this.#options
    const { stream, time, bytes } = entry
    const isLate = time > this.#horizon && !this.#endsOpenLine(entry)
    if (!this.#hasBegun) this.#begin(time, isLate)
    if (this.#losses.some(began => time > began)) this.#crossLoss(time)
    if (this.#isLost && !this.#isNew(time)) return
    if (isLate && !this.#hasCrossed[stream]) this.#cross(stream, time)
    const skip = Math.max(0, have[stream] - this.#place.pass(entry))
    this.#settle(stream)
    if (skip < bytes.length) this.#options.write(stream, bytes, skip)
    this.#owes[stream] = entry.owesNewline && skip <= bytes.length
  }

  /**
   * The log has ended. If its container has not, another reading will tell how it goes on. Before a gap no newline is made up: the line may have been cut by
   * the end of its container.
   */
  end (): void {
    if (!this.#options.isOver) return
    const why = this.#losses.length > 0 ? engineLost : this.#mayHaveMore ? placeLost : undefined
    this.#losses = []
    if (why === undefined) this.#settleBoth()
    else this.#options.gap(why, { anchor: this.#place.anchor, losses: [] })
  }

  /** It was a line, as its stream went on; at the end of a stream, nearly all are. */
  #settle (stream: StreamNumber): void {
    if (this.#owes[stream]) this.#options.write(stream, newline, 0)
    this.#owes[stream] = false
  }

  #settleBoth (): void {
    for (const stream of [1, 2] as const) this.#settle(stream)
  }

  #begin (time: string, isLate: boolean): void {
    const { anchor = beginning, have } = this.#options
    this.#hasBegun = true
    const isKnown = anchor.time === '' ? have[1] + have[2] === 0 || !isLate : time === anchor.time
    if (isKnown && !this.#isLost) return
    this.#isLost = true
    this.#place.jump(have)
  }

  /** Another engine logged this. What the one before it had handed to us and not logged is in the sandbox; what it had done neither with is lost. */
  #crossLoss (time: string): void {
    this.#losses = this.#losses.filter(began => began >= time)
    this.#hasCrossed[1] = this.#hasCrossed[2] = true
    this.#isLost = false
    this.#gap(engineLost, time)
  }

  /** From here on nothing of the stream is in the sandbox yet. If the log has less before it than the sandbox, the engine did not log it all. */
  #cross (stream: StreamNumber, time: string): void {
    this.#hasCrossed[stream] = true
    if (this.#place.isBehind(this.#options.have, stream)) this.#gap(notKept, time)
  }

  /** However late it comes, it begins with what the sandbox ends with: only that tells it from output of later. */
  #endsOpenLine ({ stream, bytes }: Entry): boolean {
    const { have, tail } = this.#options
    const openBytes = have[stream] - this.#place.at(stream)
    if (this.#hasCrossed[stream] || openBytes <= 0 || openBytes > bytes.length) return false
    return tail(stream, openBytes)?.equals(bytes.subarray(0, openBytes)) ?? false
  }

  /** Where the place was lost, time must do: what is older is in the sandbox, or cannot be put there any more without being there twice. */
  #isNew (time: string): boolean {
    if (time <= this.#surelyNew) {
      this.#mayHaveMore ||= time > this.#options.lastWrite
      return false
    }
    if (!this.#hasTold) this.#gap(notKept, time)
    this.#hasTold = true
    return true
  }

  /** The sandbox goes on with an entry of this time. */
  #gap (why: string, time: string): void {
    this.#settleBoth()
    this.#mayHaveMore = false
    this.#place.jump(this.#options.have)
    this.#options.gap(why, { anchor: this.#place.here(time), losses: this.#losses })
  }
}
