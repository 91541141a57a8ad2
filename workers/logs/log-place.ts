import { beginning, type Anchor } from '../../src/model/log-record.ts'
import type { StreamNumber } from './demultiplex.ts'
import type { Entry } from './log-entries.ts'

export const nameOf = { 1: 'stdout', 2: 'stderr' } as const

/** What an entry takes in the engine's log besides its bytes. */
export const entryOverhead = 27

/** Where in each stream a reader of the engine's log is, and the newest place from where another could count on. */
export class LogPlace {
  readonly #at: Record<StreamNumber, number>
  readonly #strideBytes: number
  readonly #last: Record<StreamNumber, string> = { 1: '', 2: '' }
  #newest = ''
  #sinceAnchor = 0
  #anchor: Anchor | undefined

  constructor (from: Anchor = beginning, strideBytes = 4096) {
    this.#anchor = from
    this.#at = { 1: from.stdout, 2: from.stderr }
    this.#strideBytes = strideBytes
  }

  /** undefined: the clock was set back, and times tell no place any more. */
  get anchor (): Anchor | undefined { return this.#anchor }

  /** Goes past an entry; answers where in its stream it begins. */
  pass ({ stream, time, bytes, owesNewline }: Entry): number {
    const begins = this.#at[stream]
    const length = bytes.length + Number(owesNewline)
    if (time > this.#newest) this.#maybeAnchor(time)
    else if (this.#anchor !== undefined && time < this.#anchor.time) this.#late(stream, time, length)
    this.#last[stream] = time
    this.#at[stream] += length
    this.#sinceAnchor += length + entryOverhead
    return begins
  }

  /** The stream is ahead of its log by so many bytes: the engine has lost them. */
  shift (stream: StreamNumber, bytes: number): void { this.#at[stream] += bytes }

  /** Later than all before it: whoever asks for this time and later gets this entry first. */
  #maybeAnchor (time: string): void {
    this.#newest = time
    if (this.#sinceAnchor < this.#strideBytes) return
    this.#anchor = { time, stdout: this.#at[1], stderr: this.#at[2] }
    this.#sinceAnchor = 0
  }

  /** The streams are logged side by side, and parts of a long line have the time of its first: such an entry is not among those from the anchor on. */
  #late (stream: StreamNumber, time: string, length: number): void {
    const anchor = this.#anchor
    if (anchor === undefined) return
    const name = nameOf[stream]
    this.#anchor = time < this.#last[stream] ? undefined : { ...anchor, [name]: anchor[name] + length }
  }
}
