/** How much of a file there is already, and which version of it that was. */
export interface Have {
  readonly bytes: number
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  readonly totalBytes: number | undefined
}

/** A file that is being read. */
export interface Remote {
  /** Where in the file the chunks begin: where it was left, or 0. */
  readonly offset: number
  /** Of the file as a whole. */
  readonly totalBytes: number | undefined
  readonly mode: number
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  /** Whether a body that was cut may be gone on with: something tells one version of the file from the next. */
  readonly canResume: boolean
  /** Each is good until the next one is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Instead of reading the chunks, which else own what is open. */
  discard (): void
}

/** What came from elsewhere has no permissions. */
export const plainMode = 0o644
