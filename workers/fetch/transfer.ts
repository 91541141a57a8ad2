import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { AgentError } from '../../src/model/errors.ts'
import type { TransferOptions } from '../../src/model/transfer-options.ts'
import { amount } from './amount.ts'
import type { HttpClient } from './http-client.ts'
import { openLocalFile } from './local-file.ts'
import { createFile } from './new-file.ts'
import { openUrl } from './open-url.ts'
import type { Source } from './source.ts'
import { startStallWatch } from './stall-watch.ts'
import { translateFailure } from './translate-failure.ts'

export interface TransferWork {
  readonly client: HttpClient
  readonly options: TransferOptions
  /** Without a byte for so long, it has failed. */
  readonly stallMs: number
  /** Whether the caller wants to know the content's SHA-256. */
  readonly digest?: boolean
  onBytes (bytes: number, totalBytes: number | undefined): void
}

/** What came. The validators are the server's words, as they are. */
export interface Transferred {
  readonly bytes: number
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  readonly sha256: string | undefined
}

const plainMode = 0o644

/**
 * Brings one file to a path where there is none, with the permissions that it has where it comes from. A failure says how far it came; what
 * there is of the file then is the caller's to remove.
 */
export async function transfer (source: Source, path: string, { client, stallMs, onBytes }: TransferWork, signal: AbortSignal): Promise<Transferred> {
  using watch = startStallWatch(signal, stallMs)
  let bytes = 0
  let totalBytes: number | undefined
  try {
    mkdirSync(dirname(path), { recursive: true })
    using file = createFile(path)
    const opened = await open(source, client, watch.signal)
    totalBytes = opened.totalBytes
    for await (const chunk of opened.chunks) {
      watch.signal.throwIfAborted()
      file.append(chunk)
      bytes = file.written
      watch.touch()
      onBytes(bytes, totalBytes)
    }
    if (totalBytes !== undefined && bytes !== totalBytes) throw new AgentError('FETCH_FAILED', 'it ended early')
    file.finish(opened.mode)
    return { bytes, etag: undefined, lastModified: undefined, sha256: undefined }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const { code, message, detail } = translateFailure(watch.signal.aborted ? watch.signal.reason : error)
    const far = totalBytes === undefined && bytes === 0 ? '' : `, at ${amount(bytes, totalBytes)}`
    throw new AgentError(code, `${message}${far}`, detail)
  }
}

interface Opened { readonly totalBytes: number | undefined, readonly mode: number, readonly chunks: AsyncIterable<Uint8Array> }

async function open (source: Source, client: HttpClient, signal: AbortSignal): Promise<Opened> {
  if (source.kind === 'http') return { ...await openUrl(client, source.url, signal), mode: plainMode }
  const { bytes, mode, chunks } = openLocalFile(source.path)
  return { totalBytes: bytes, mode, chunks }
}
