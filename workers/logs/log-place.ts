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
  #newest = ''
  #sinceAnchor = 0
  #anchor: Anchor | undefined
  #candidate: Anchor | undefined

  constructor (from: Anchor, strideBytes = 4096) {
    this.#anchor = from
    this.#at = { 1: from.stdout, 2: from.stderr }
    this.#strideBytes = strideBytes
  }

  /** undefined: none is known. */
  get anchor (): Anchor | undefined { return this.#anchor }

  at (stream: StreamNumber): number { return this.#at[stream] }

  isBehind (have: Readonly<Record<StreamNumber, number>>, stream: StreamNumber): boolean {
    return this.#at[stream] < have[stream]
  }

  /** As a place: the next entry has this time. */
  here (time: string): Anchor { return { time, stdout: this.#at[1], stderr: this.#at[2] } }

  /** Goes past an entry; answers where in its stream it begins. */
  pass ({ stream, time, bytes, owesNewline }: Entry): number {
    const begins = this.#at[stream]
    const length = bytes.length + Number(owesNewline)
    if (time > this.#newest) this.#maybeAnchor(time)
    // The streams are logged side by side: older engines leave out what is older than asked for even behind what is not.
    else if (this.#candidate !== undefined && time < this.#candidate.time) this.#candidate = undefined
    this.#at[stream] += length
    this.#sinceAnchor += length + entryOverhead
    return begins
  }

  /** The streams are at least here: of what is before, the log has less. The next entry is a place that is known. */
  jump (least: Readonly<Record<StreamNumber, number>>): void {
    for (const stream of [1, 2] as const) this.#at[stream] = Math.max(this.#at[stream], least[stream])
    this.#anchor = this.#candidate = undefined
    this.#sinceAnchor = Infinity
  }

  /** Later than all before it: whoever asks for this time gets this entry first, and all that are behind it. */
  #maybeAnchor (time: string): void {
    this.#newest = time
    if (this.#sinceAnchor < this.#strideBytes) return
    const here = this.here(time)
    this.#anchor = this.#anchor === undefined ? here : this.#candidate ?? this.#anchor
    this.#candidate = here
    this.#sinceAnchor = 0
  }
}
