import type { CacheEntry, FileStamp } from '../../model/fetch-cache.ts'

/** An entry that is on the disk. */
export interface Kept extends CacheEntry {
  readonly key: string
  /** How many use it right now. */
  pins: number
  usedAtMs: number
  /** Nobody gets it any more; it goes when nobody uses it. */
  isDoomed: boolean
  /** It is being removed. */
  isLeaving: boolean
  /** As it was when its content was read last. */
  stamp: FileStamp | undefined
}

/** What the cache holds, and what is on its way into it: the one truth about its bytes. An entry counts until it is confirmed gone. */
export class CacheAccounts {
  readonly maxBytes: number
  /** Those that were used longest ago first. */
  readonly #kept = new Map<string, Kept>()
  readonly #byKey = new Map<string, Kept>()
  readonly #reserved = new Map<string, number>()
  #usedBytes = 0
  #reservedBytes = 0

  constructor (maxBytes: number) { this.maxBytes = maxBytes }

  get usedBytes (): number { return this.#usedBytes }
  get reservedBytes (): number { return this.#reservedBytes }
  get entries (): number { return this.#kept.size }
  all (): Iterable<Kept> { return this.#kept.values() }
  find (key: string): Kept | undefined { return this.#byKey.get(key) }

  /** A second one of the same key takes the place of the first, which is doomed. */
  add (entry: CacheEntry, stamp: FileStamp | undefined): Kept {
    const kept: Kept = { ...entry, key: entry.about.key, pins: 0, isDoomed: false, isLeaving: false, stamp }
    const older = this.#byKey.get(kept.key)
    if (older !== undefined) this.doom(older)
    this.#kept.set(kept.id, kept)
    this.#byKey.set(kept.key, kept)
    this.#usedBytes += kept.diskBytes
    return kept
  }

  use (kept: Kept): void {
    kept.usedAtMs = Date.now()
    if (this.#kept.delete(kept.id)) this.#kept.set(kept.id, kept)
  }

  doom (kept: Kept): void {
    kept.isDoomed = true
    if (this.#byKey.get(kept.key) === kept) this.#byKey.delete(kept.key)
  }

  gone (kept: Kept): void {
    this.doom(kept)
    if (this.#kept.delete(kept.id)) this.#usedBytes -= kept.diskBytes
  }

  /** How much one that is on its way will take; 0 when it has come, or will not. */
  reserve (id: string, bytes: number): void {
    this.#reservedBytes += bytes - (this.#reserved.get(id) ?? 0)
    if (bytes > 0) this.#reserved.set(id, bytes)
    else this.#reserved.delete(id)
  }

  /** Those that have to go so that all fits; undefined where that cannot be, since the others are in use. */
  surplus (): Kept[] | undefined {
    const leaving = [...this.#kept.values()].filter(kept => kept.isLeaving).reduce((sum, { diskBytes }) => sum + diskBytes, 0)
    const going: Kept[] = []
    let over = this.#usedBytes + this.#reservedBytes - leaving - this.maxBytes
    for (const kept of this.#kept.values()) {
      if (over <= 0) break
      if (kept.pins > 0 || kept.isLeaving) continue
      over -= kept.diskBytes
      going.push(kept)
    }
    return over <= 0 ? going : undefined
  }
}
