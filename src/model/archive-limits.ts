import { bytes, count } from './setting-types.ts'

/** How much one archive may unfold to. */
export interface ArchiveLimits {
  readonly entries: number
  readonly bytes: number
  /** Of each of its files. */
  readonly fileBytes: number
  /** Times its own size. */
  readonly ratio: number
  /** Names in one path. */
  readonly depth: number
}

/** Rows of the table of settings: above what people pack for a task, below what fills a host's disk from a few megabytes. */
export const archiveSettings = {
  fetchArchiveEntries: {
    type: count(1, 1_000_000_000), group: 'Fetch', default: '1000000',
    about: 'Entries that an archive among a task\'s URIs may have; more fail its task.',
  },
  fetchArchiveBytes: { type: bytes, group: 'Fetch', default: '50g', about: 'What one archive may unfold to.' },
  fetchArchiveFileBytes: { type: bytes, group: 'Fetch', default: '50g', about: 'The largest file that an archive may bring.' },
  fetchArchiveRatio: {
    type: count(1, 1_000_000), group: 'Fetch', default: '200',
    about: 'How many times its own size an archive may unfold to; 100 MB it may in any case.',
  },
  fetchArchiveDepth: { type: count(1, 1000), group: 'Fetch', default: '100', about: 'Folders in folders that an archive may bring.' },
} as const

/** As the settings have it by default. */
export const plainArchives: ArchiveLimits = { entries: 1_000_000, bytes: 50e9, fileBytes: 50e9, ratio: 200, depth: 100 }

interface ArchiveConfig {
  readonly fetchArchiveEntries: number
  readonly fetchArchiveBytes: number
  readonly fetchArchiveFileBytes: number
  readonly fetchArchiveRatio: number
  readonly fetchArchiveDepth: number
}

export function archiveLimits (config: ArchiveConfig): ArchiveLimits {
  return {
    entries: config.fetchArchiveEntries, bytes: config.fetchArchiveBytes, fileBytes: config.fetchArchiveFileBytes,
    ratio: config.fetchArchiveRatio, depth: config.fetchArchiveDepth,
  }
}
