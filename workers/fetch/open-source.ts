import { openFtp } from './ftp/open-ftp.ts'
import { openHadoop } from './hadoop/open-hadoop.ts'
import { openWebHdfs } from './hadoop/open-webhdfs.ts'
import { openHttp } from './http/open-http.ts'
import type { HttpClient } from './http/http-client.ts'
import { openLocalFile } from './local-file.ts'
import type { Have, Remote } from './remote.ts'
import { s3Wanted } from './s3/s3-wanted.ts'
import type { Source, SourceOf } from './source.ts'

export interface OpenContext {
  readonly client: HttpClient
  /** What there is already of it. */
  readonly have: Have | undefined
  /** A path for a temporary file, beside the target. */
  readonly scratch: string
  /** What is opened is being worked on elsewhere, and has come so far. */
  readonly onAlive: (bytes: number) => void
  readonly signal: AbortSignal
}

type Openers = { readonly [K in Source['kind']]: (source: SourceOf<K>, context: OpenContext) => Promise<Remote> }

const openers: Openers = {
  http: ({ url }, { client, have, signal }) => openHttp(client, { url, chosenBy: 'task' }, have, signal),
  s3: (source, { client, have, signal }) => openHttp(client, s3Wanted(source, client.options.s3), have, signal),
  webhdfs: (source, { client, have, signal }) => openWebHdfs(client, source, have, signal),
  hadoop: ({ uri, shown }, context) => openHadoop(uri, shown, context),
  ftp: ({ url }, { client, have, signal }) => openFtp(client, url, have, signal),
  file: async ({ path }, { client: { options } }) => openFile(path, options),
}

/** Begins to read a file, where it was left if that can be. */
export async function openSource<K extends Source['kind']> (source: SourceOf<K>, context: OpenContext): Promise<Remote> {
  const open = openers[source.kind] as (source: SourceOf<K>, context: OpenContext) => Promise<Remote>
  return await open(source, context)
}

function openFile (path: string, { allowPaths, frameworksHome }: HttpClient['options']): Remote {
  const allowed = allowPaths && [...allowPaths, ...frameworksHome === undefined ? [] : [frameworksHome]]
  const { bytes, ...file } = openLocalFile(path, allowed)
  return { ...file, offset: 0, totalBytes: bytes, canResume: false }
}

const places: { readonly [K in Source['kind']]: (source: SourceOf<K>, client: HttpClient) => string | undefined } = {
  http: ({ url }) => url.host,
  s3: ({ bucket }, { options: { s3 } }) => s3.endpoint ?? `${bucket}.s3`,
  webhdfs: ({ nameNodes }) => nameNodes[0]?.host,
  hadoop: () => 'hadoop',
  ftp: ({ url }) => url.host,
  file: () => undefined,
}

/** Whom a transfer asks; undefined: nobody else. */
export function hostOf<K extends Source['kind']> (source: SourceOf<K>, client: HttpClient): string | undefined {
  return (places[source.kind] as (source: SourceOf<K>, client: HttpClient) => string | undefined)(source, client)
}
