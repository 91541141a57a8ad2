import { createHash } from 'node:crypto'

/** What the engine tells twice is near the end of its file: of a line without end, no more is remembered. */
const mostRemembered = 256

/** A line that the engine logs in parts. */
export class LongLine {
  /** Of all its parts. */
  readonly time: string
  parts = 0
  readonly #digests = new Set<string>()

  constructor (time: string) {
    this.time = time
  }

  /** Whether its next part is one that it has had. */
  hasHad (bytes: Uint8Array): boolean {
    this.parts++
    const digest = createHash('sha1').update(bytes).digest('base64')
    if (this.#digests.has(digest)) return true
    this.#digests.add(digest)
    const [oldest] = this.#digests
    if (this.#digests.size > mostRemembered && oldest !== undefined) this.#digests.delete(oldest)
    return false
  }
}
