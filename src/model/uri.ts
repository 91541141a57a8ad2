/** A file that a task wants in its sandbox before it starts. */
export interface FetchUri {
  readonly value: string
  /** Made executable, and not extracted. */
  readonly executable: boolean
  /** Extracted into the sandbox if its name says that it is an archive; the archive stays beside. */
  readonly extract: boolean
  /** It may come from the cache, and is kept there. */
  readonly cache?: boolean
  /** Where in the sandbox, instead of the last segment of the URI's path. */
  readonly outputFile: string | undefined
  /** Where the task asked for it. */
  readonly field?: string
}

/** Where a fetch is: the file that moved last, its place in the list counted from 1. */
export interface FetchProgress {
  readonly file: number
  readonly files: number
  readonly name: string
  readonly bytes: number
  readonly totalBytes: number | undefined
  /** How fast that file comes. */
  readonly bytesPerSecond?: number
  /** Transfers of all files that broke off and were begun again, and how many of them went on where they were. */
  readonly retries?: number
  readonly resumed?: number
}

const scheme = /^([a-z][a-z0-9+.-]*):\/\//i
const maxShown = 300

/** The scheme in small letters; undefined for a plain path. */
export function schemeOf (uri: string): string | undefined {
  return scheme.exec(uri)?.[1]?.toLowerCase()
}

/** A URI as it may be logged: without user, password, query and fragment, any of which can hold a secret. */
export function shownUri (uri: string): string {
  const bare = schemeOf(uri) === undefined ? uri : bareUri(uri)
  const printable = bare.replace(/[\x00-\x1f\x7f]/g, '?')
  return printable.length > maxShown ? `${printable.slice(0, maxShown)}…` : printable
}

/** What cannot be taken apart may hold a password anywhere. */
function bareUri (uri: string): string {
  if (!URL.canParse(uri)) return `${schemeOf(uri)}://…`
  const { protocol, host, pathname } = new URL(uri)
  return `${protocol}//${host}${pathname}`
}
