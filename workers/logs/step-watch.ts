import type { StreamNumber } from './demultiplex.ts'
import { partBytes, type Entry } from './log-entries.ts'
import { LongLine } from './long-line.ts'

/** A container that prints lines of equal parts is believed after so many readings that found nothing. */
const mostInVain = 8

/**
 * When the engine rotates a log that is followed, it may tell its last entries twice. Within a stream times grow, except for the parts of a long line. A
 * step back, or a part that its line has had, is such a repetition; or the clock was set back, or the line repeats itself: to read once more from a known
 * place settles which.
 */
export class StepWatch {
  readonly #known = new Set<string>()
  readonly #inVain = new Set<string>()
  #last: Record<StreamNumber, string> = { 1: '', 2: '' }
  #line: Record<StreamNumber, LongLine | undefined> = { 1: undefined, 2: undefined }

  /** The log is read anew. */
  restart (): void {
    this.#last = { 1: '', 2: '' }
    this.#line = { 1: undefined, 2: undefined }
  }

  /** True for a repetition that is seen for the first time. */
  isStep ({ stream, time, bytes }: Entry): boolean {
    const last = this.#last[stream]
    const before = this.#line[stream]
    const goesOn = before?.time === time
    const isPart = bytes.length === partBytes && bytes.at(-1) !== 0x0a
    const line = !isPart ? undefined : goesOn ? before : new LongLine(time)
    this.#last[stream] = time
    this.#line[stream] = line
    if (line?.hasHad(bytes) === true) return this.#isPartAgain(`${stream} ${time} part ${line.parts}`)
    return !goesOn && time <= last && this.#isNew(`${stream} ${last} ${time}`)
  }

  #isPartAgain (key: string): boolean {
    const isNew = this.#inVain.size < mostInVain && this.#isNew(key)
    if (!isNew && this.#known.has(key)) this.#inVain.add(key)
    return isNew
  }

  #isNew (key: string): boolean {
    const isNew = !this.#known.has(key)
    this.#known.add(key)
    return isNew
  }
}
