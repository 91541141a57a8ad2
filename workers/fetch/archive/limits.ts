import type { ArchiveLimits } from '../../../src/model/archive-limits.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { flagOf, type SettingName } from '../../../src/model/settings.ts'
import { amount } from '../amount.ts'

/** A small archive may unfold to any multiple of its size: a file of zeros is no bomb yet. */
const freeBytes = 100e6

/** Counts what one archive unfolds to, and ends it where that is more than it may. */
export class Budget {
  readonly #limits: ArchiveLimits
  readonly #bytesByRatio: number
  #entries = 0
  #bytes = 0

  constructor (limits: ArchiveLimits, packedBytes: number) {
    this.#limits = limits
    this.#bytesByRatio = Math.max(freeBytes, packedBytes * limits.ratio)
  }

  entry (): void {
    if (++this.#entries > this.#limits.entries) throw exceeded(`it has more than ${this.#limits.entries} entries`, 'fetchArchiveEntries')
  }

  /** Bytes of files, as they come. */
  bytes (count: number): void {
    this.unfolded(this.#bytes += count)
  }

  /** The archive without its compression is this long by now. */
  unfolded (bytes: number): void {
    if (bytes > this.#limits.bytes) throw exceeded(`it unfolds to more than ${amount(this.#limits.bytes, undefined)}`, 'fetchArchiveBytes')
    if (bytes > this.#bytesByRatio) throw exceeded(`it unfolds to more than ${this.#limits.ratio} times its size`, 'fetchArchiveRatio')
  }

  fileFault (bytes: number): string | undefined {
    const { fileBytes } = this.#limits
    return bytes > fileBytes ? `is larger than ${amount(fileBytes, undefined)} (${flagOf('fetchArchiveFileBytes')})` : undefined
  }

  nameFault (plainName: string): string | undefined {
    const { depth } = this.#limits
    return plainName.split('/').length > depth ? `is more than ${depth} names deep (${flagOf('fetchArchiveDepth')})` : undefined
  }
}

function exceeded (fault: string, setting: SettingName): AgentError {
  return new AgentError('FETCH_FAILED', `${fault} (${flagOf(setting)})`)
}
