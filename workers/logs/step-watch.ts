import type { StreamNumber } from './demultiplex.ts'
import { partBytes, type Entry } from './log-entries.ts'

/**
 * When the engine rotates a log that is followed, it may tell its last entries twice. Within a stream times grow, except for the parts of a long line: a
 * step back is such a repetition, or a clock that was set back; to read once more from a known place settles which.
 */
export class StepWatch {
  readonly #known = new Set<string>()
  #last: Record<StreamNumber, string> = { 1: '', 2: '' }
  #wasPart: Record<StreamNumber, boolean> = { 1: false, 2: false }

  /** The log is read anew. */
  restart (): void {
    this.#last = { 1: '', 2: '' }
    this.#wasPart = { 1: false, 2: false }
  }

  /** True for a step back that is seen for the first time. */
  isStep ({ stream, time, bytes }: Entry): boolean {
    const last = this.#last[stream]
    const isOrdered = time > last || (time === last && this.#wasPart[stream])
    this.#last[stream] = time
    this.#wasPart[stream] = bytes.length === partBytes && bytes.at(-1) !== 0x0a
    const key = `${stream} ${last} ${time}`
    if (isOrdered || this.#known.has(key)) return false
    this.#known.add(key)
    return true
  }
}
