import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { backoff } from '../../src/base/backoff.ts'
import { delay } from '../../src/base/deadline.ts'
import { AgentError } from '../../src/model/errors.ts'
import type { TransferOptions } from '../../src/model/transfer-options.ts'
import { amount } from './amount.ts'
import { takeHostPlace } from './host-places.ts'
import type { HttpClient } from './http/http-client.ts'
import { Incoming } from './incoming.ts'
import { hostOf, openSource } from './open-source.ts'
import type { Remote } from './remote.ts'
import { isPassing, passing } from './repeatable.ts'
import type { Allowance } from './room.ts'
import type { Source } from './source.ts'
import { startQuietWatch, startStallWatch, type StallWatch } from './stall-watch.ts'
import { translateFailure } from './translate-failure.ts'

export interface TransferWork {
  readonly client: HttpClient
  readonly options: TransferOptions
  /** Without a byte for so long, it has failed. */
  readonly stallMs: number
  /** Whether the caller wants to know the content's SHA-256. */
  readonly digest?: boolean
  /** Shared by all files of a task. */
  readonly allowance?: Allowance
  onBytes (bytes: number, totalBytes: number | undefined): void
  /** Another attempt follows; `resumed`: it goes on where the last one ended. */
  onRetry? (resumed: boolean): void
}

/** What came. The validators are the server's words, as they are. */
export interface Transferred {
  readonly bytes: number
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  readonly sha256: string | undefined
}

const maxDelayMs = 30_000
/** An attempt that brings so much more counts as a first one: a long file over a bad line ends with its deadline. */
const progressBytes = 1e6

/**
 * Brings one file to a path where there is none, with the permissions that it has where it comes from. What broke off goes on where it was, if
 * the file is the same still. A failure says how far it came; what there is of the file then is the caller's to remove.
 */
export async function transfer (source: Source, path: string, work: TransferWork, signal: AbortSignal): Promise<Transferred> {
  const { options } = work
  const host = hostOf(source, work.client)
  using _place = await takeHostPlace(host ?? '', host === undefined ? 0 : options.hostConcurrency, signal)
  using watch = startStallWatch(signal, work.stallMs)
  mkdirSync(dirname(path), { recursive: true })
  using incoming = new Incoming(path, { options, checksum: source.checksum, wantsSha256: work.digest === true, allowance: work.allowance })
  const begunMs = performance.now()
  try {
    const { etag, lastModified } = await untilWhole({ source, path, work, incoming, watch })
    return { bytes: incoming.bytes, etag, lastModified, ...incoming.finish() }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const { code, message, detail } = translateFailure(error)
    throw new AgentError(code, `${message}${far(incoming, performance.now() - begunMs)}`, detail)
  }
}

interface Attempt {
  readonly source: Source
  readonly path: string
  readonly work: TransferWork
  readonly incoming: Incoming
  readonly watch: StallWatch
}

interface Version { readonly etag: string | undefined, readonly lastModified: string | undefined }

async function untilWhole (attempt: Attempt): Promise<Version> {
  const { work: { options, onRetry }, incoming, watch } = attempt
  const { signal } = watch
  let waits = backoff(options.retryDelayMs, maxDelayMs)
  let left = options.retries
  for (let attempts = 1; ; attempts++) {
    const before = incoming.bytes
    try {
      return await once(attempt, left > 0)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof AgentError && error.detail['isStale'] === true) incoming.spoil()
      if (incoming.bytes - before >= progressBytes) {
        left = options.retries
        waits = backoff(options.retryDelayMs, maxDelayMs)
      }
      const failure = attempts > 1 ? repeated(error, attempts) : error
      if (left-- <= 0 || !isPassing(error)) throw failure
      const wanted = error instanceof AgentError ? Number(error.detail['retryAfterMs'] ?? 0) : 0
      // Whoever waits to the deadline tells what he waits after: the silence is our own.
      await delay(Math.max(waits.next().value, Math.min(wanted, maxDelayMs)), signal).catch(() => { throw failure })
      onRetry?.(incoming.have !== undefined)
    }
  }
}

/** One attempt. What is silent in the middle is hung up on, if there is another attempt to go on with. */
async function once ({ source, path, work, incoming, watch }: Attempt, isRepeatable: boolean): Promise<Version> {
  const quietMs = work.stallMs / 2
  using quiet = startQuietWatch(watch.signal, () => passing(`no byte for ${quietMs / 1000} s`))
  let elsewhere = 0
  const onAlive = (bytes: number): void => {
    if (bytes === elsewhere) return
    elsewhere = bytes
    watch.touch()
    work.onBytes(bytes, undefined)
    incoming.announce(bytes)
  }
  try {
    const remote = await openSource(source, { client: work.client, have: incoming.have, scratch: `${path}.copy`, onAlive, signal: quiet.signal })
    begin(incoming, remote)
    for await (const chunk of remote.chunks) {
      quiet.signal.throwIfAborted()
      incoming.append(chunk)
      watch.touch()
      if (isRepeatable && remote.canResume) quiet.touch(quietMs)
      work.onBytes(incoming.bytes, incoming.totalBytes)
    }
    if (incoming.totalBytes !== undefined && incoming.bytes !== incoming.totalBytes) throw passing('it ended early')
    return { etag: remote.etag, lastModified: remote.lastModified }
  } catch (error) {
    throw quiet.signal.aborted ? quiet.signal.reason : error
  }
}

function begin (incoming: Incoming, remote: Remote): void {
  try {
    incoming.begin(remote)
  } catch (error) {
    remote.discard()
    throw error
  }
}

function repeated (error: unknown, attempts: number): AgentError {
  const { code, message, detail } = translateFailure(error)
  return new AgentError(code, `${message}, after ${attempts} attempts`, detail)
}

/** ", at 12 of 40 MB (3 MB/s)"; nothing where nothing came and nobody knows how much it would have been. */
function far ({ bytes, totalBytes }: Incoming, ms: number): string {
  if (totalBytes === undefined && bytes === 0) return ''
  const rate = bytes > 0 ? ` (${amount(Math.round(bytes * 1000 / Math.max(1, ms)), undefined)}/s)` : ''
  return `, at ${amount(bytes, totalBytes)}${rate}`
}
