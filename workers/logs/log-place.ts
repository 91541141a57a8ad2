import type { Anchor } from '../../src/model/log-record.ts'
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

  constructor (from: Anchor, strideBytes = 4096) {
    this.#anchor = from
    this.#at = { 1: from.stdout, 2: from.stderr }
    this.#strideBytes = strideBytes
  }

  /** undefined: none is known, or the clock was set back, and times tell none. */
  get anchor (): Anchor | undefined { return this.#anchor }

  isBehind (have: Readonly<Record<StreamNumber, number>>): boolean {
    return this.#at[1] < have[1] || this.#at[2] < have[2]
  }

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

  /** The streams are at least here: of what is before, the log has less. The next entry is a place that is known. */
  jump (least: Readonly<Record<StreamNumber, number>>): void {
    for (const stream of [1, 2] as const) this.#at[stream] = Math.max(this.#at[stream], least[stream])
    this.#anchor = undefined
    this.#sinceAnchor = Infinity
  }

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
