import { AgentError } from '../../model/errors.ts'
import { shownUri, type FetchProgress, type FetchUri } from '../../model/uri.ts'
import type { FetchCache, Lease } from './fetch-cache.ts'

/** Of one task at once. */
const atOnce = 4

export interface LeaseNeeds {
  readonly cache: FetchCache
  readonly user: string | undefined
  onProgress (progress: FetchProgress): void
}

/** The files of those URIs that may be cached, in their order; to be released, also when this fails: they are in `leases` as they come. */
export async function leaseUris (uris: readonly FetchUri[], leases: Array<Lease | undefined>, needs: LeaseNeeds, signal: AbortSignal): Promise<void> {
  const left = uris.entries()
  const stop = new AbortController()
  const onAbort = (): void => { stop.abort(signal.reason) }
  signal.addEventListener('abort', onAbort, { once: true })
  const work = async (): Promise<void> => {
    for (const [at, uri] of left) {
      stop.signal.throwIfAborted()
      if (uri.cache === true) leases[at] = await leaseUri(uris, at, needs, stop.signal)
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, () => work().catch((error: unknown) => { stop.abort(error) })))
    signal.throwIfAborted()
    stop.signal.throwIfAborted()
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function leaseUri (uris: readonly FetchUri[], at: number, { cache, user, onProgress }: LeaseNeeds, signal: AbortSignal): Promise<Lease | undefined> {
  const uri = uris[at]?.value.trim() ?? ''
  const shown = shownUri(uri)
  const file = at + 1
  const files = uris.length
  try {
    return await cache.lease(uri, user, progress => { onProgress({ file, files, name: shown, ...progress }) }, signal)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const { code, message, detail } = AgentError.from(error)
    throw new AgentError(code, `${shown}: ${message}${files > 1 ? ` (file ${file} of ${files})` : ''}`, { ...detail, uri: shown, file, files })
  }
}
