import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { AgentError } from '../../src/model/errors.ts'
import { amount } from './amount.ts'
import type { HttpClient } from './http-client.ts'
import { openLocalFile } from './local-file.ts'
import { createFile } from './new-file.ts'
import { openUrl } from './open-url.ts'
import type { Item, Source } from './plan.ts'
import { startStallWatch } from './stall-watch.ts'
import { translateFailure } from './translate-failure.ts'

export interface Transfer {
  readonly client: HttpClient
  readonly stallMs: number
  onBytes (bytes: number, totalBytes: number | undefined): void
}

const plainMode = 0o644
const executableMode = 0o755

/** Brings one file to a path where there is none; gives its size. A failure says how far it came. */
export async function transfer (item: Item, path: string, { client, stallMs, onBytes }: Transfer, signal: AbortSignal): Promise<number> {
  using watch = startStallWatch(signal, stallMs)
  let bytes = 0
  let totalBytes: number | undefined
  try {
    mkdirSync(dirname(path), { recursive: true })
    using file = createFile(path)
    const source = await open(item.source, client, watch.signal)
    totalBytes = source.totalBytes
    for await (const chunk of source.chunks) {
      watch.signal.throwIfAborted()
      file.append(chunk)
      bytes = file.written
      watch.touch()
      onBytes(bytes, totalBytes)
    }
    if (totalBytes !== undefined && bytes !== totalBytes) throw new AgentError('FETCH_FAILED', 'it ended early')
    file.finish(item.executable ? executableMode : source.mode)
    return bytes
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
