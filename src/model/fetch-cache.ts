import { bytesOrZero, choice, flag, path } from './setting-types.ts'

/** What lies beside a cached file and says what it is. Never the URI itself, which may hold a password. */
export interface CacheAbout {
  /** Of the user and the URI: who has the same key may have the file. */
  readonly key: string
  readonly user: string | undefined
  /** The URI, fit for logs. */
  readonly shown: string
  readonly bytes: number
  readonly sha256: string
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  readonly fetchedAtMs: number
}

/** By which a file is known to be the one that was looked at last, without reading it. */
export interface FileStamp { readonly inode: number, readonly modifiedMs: number }

export interface CacheEntry {
  /** The name of its folder. */
  readonly id: string
  readonly about: CacheAbout
  /** What it takes of the disk, all in all. */
  readonly diskBytes: number
  readonly usedAtMs: number
}

/** A cached file that a fetch may take; it is not removed meanwhile. */
export interface CachedFile {
  readonly path: string
  readonly bytes: number
  /** Whether the sandbox may share the file itself: its task cannot write to it, or is trusted not to. */
  readonly mayLink: boolean
}

/** Rows of the table of settings. */
export const fetchCacheSettings = {
  fetchCacheDir: {
    type: path, group: 'Fetch', mesos: 'fetcher_cache_dir', default: undefined, defaultTold: '`fetch-cache` in the work directory',
    about: 'Where URIs with `cache` are kept for the next task. One agent at a time; best on the disk of the sandboxes.',
  },
  fetchCacheSize: {
    type: bytesOrZero, group: 'Fetch', mesos: 'fetcher_cache_size', default: '2g',
    about: 'How much is kept there; what was used longest ago goes first. 0: nothing is.',
  },
  fetchCacheLink: {
    type: choice(['safe', 'always', 'never']), group: 'Fetch', default: 'safe',
    about: 'When a sandbox gets a hard link to a cached file: `safe` where its task cannot write to it, `always` where all tasks of a user trust '
      + 'each other. Otherwise it is cloned where the file system can, or copied.',
  },
  fetchCacheRevalidate: {
    type: flag, group: 'Fetch', default: 'false',
    about: 'Ask the server before each use whether a cached file is still the same, by its ETag or time. One that cannot be asked is used as it is.',
  },
} as const

export type LinkPolicy = 'safe' | 'always' | 'never'
