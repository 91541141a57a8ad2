import { AgentError } from '../../../src/model/errors.ts'

/** How much one archive may unfold to. */
export interface ArchiveLimits {
  readonly entries: number
  readonly bytes: number
}

/** Above what people pack for a task, below what fills a host's disk from a few megabytes. */
export const defaultLimits: ArchiveLimits = { entries: 1_000_000, bytes: 50e9 }

export function checkBytes (bytes: number, limits: ArchiveLimits): void {
  if (bytes > limits.bytes) throw new AgentError('FETCH_FAILED', `it unfolds to more than ${limits.bytes} bytes`)
}

export function checkEntries (entries: number, limits: ArchiveLimits): void {
  if (entries > limits.entries) throw new AgentError('FETCH_FAILED', `it has more than ${limits.entries} entries`)
}
