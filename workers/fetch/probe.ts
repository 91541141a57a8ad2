import { statSync } from 'node:fs'
import { AgentError } from '../../src/model/errors.ts'
import { ftpStatus } from './ftp/open-ftp.ts'
import { webHdfsStatus } from './hadoop/open-webhdfs.ts'
import { followRedirects, type Wanted } from './http/follow-redirects.ts'
import type { HttpClient } from './http/http-client.ts'
import { headerOf, lengthOf } from './http/open-http.ts'
import { statusText } from './http/refuse-status.ts'
import { s3Wanted } from './s3/s3-wanted.ts'
import type { Source, SourceOf } from './source.ts'
import { startStallWatch } from './stall-watch.ts'
import type { TransferWork } from './transfer.ts'
import { translateFailure } from './translate-failure.ts'

/** What the place that a file comes from says of it, without bringing it. */
export interface Probed {
  readonly bytes: number | undefined
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

type Probes = { readonly [K in Source['kind']]: (source: SourceOf<K>, client: HttpClient, signal: AbortSignal) => Promise<Probed> }

const nothing: Probed = { bytes: undefined, etag: undefined, lastModified: undefined }

const probes: Probes = {
  http: ({ url }, client, signal) => head(client, { url, chosenBy: 'task' }, signal),
  s3: (source, client, signal) => head(client, s3Wanted(source, client.options.s3), signal),
  webhdfs: async (source, client, signal) => {
    const { totalBytes, lastModified } = await webHdfsStatus(client, source, signal)
    return { ...nothing, bytes: totalBytes, lastModified }
  },
  hadoop: async () => nothing,
  ftp: async ({ url }, client, signal) => {
    const { totalBytes, lastModified } = await ftpStatus(client, url, signal)
    return { ...nothing, bytes: totalBytes, lastModified }
  },
  file: async ({ path }) => {
    const stat = statSync(path)
    return { ...nothing, bytes: stat.size, lastModified: stat.mtime.toISOString() }
  },
}

/** Asks once, under the stall deadline; where a place cannot say anything, everything is undefined. */
export async function probe<K extends Source['kind']> (
  source: SourceOf<K>, { client, stallMs }: Pick<TransferWork, 'client' | 'stallMs'> & Partial<TransferWork>, signal: AbortSignal,
): Promise<Probed> {
  using watch = startStallWatch(signal, stallMs)
  try {
    return await (probes[source.kind] as (source: SourceOf<K>, client: HttpClient, signal: AbortSignal) => Promise<Probed>)(source, client, watch.signal)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw translateFailure(watch.signal.aborted ? watch.signal.reason : error)
  }
}

async function head (client: HttpClient, wanted: Wanted, signal: AbortSignal): Promise<Probed> {
  const response = await followRedirects(client, { ...wanted, method: 'HEAD' }, signal)
  response.body.on('error', () => {}).resume()
  if (response.statusCode !== 200) throw new AgentError('FETCH_FAILED', statusText(response.statusCode), { status: response.statusCode })
  return { bytes: lengthOf(response), etag: headerOf(response, 'etag'), lastModified: headerOf(response, 'last-modified') }
}
