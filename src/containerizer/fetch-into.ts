import type { ArchiveLimits } from '../model/archive-limits.ts'
import type { LinkPolicy } from '../model/fetch-cache.ts'
import type { TransferOptions } from '../model/transfer-options.ts'
import type { FetchProgress } from '../model/uri.ts'
import { AgentError } from '../model/errors.ts'
import type { FetchInput } from '../pool/jobs.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'
import type { FetchCache, Lease } from './fetch-cache/fetch-cache.ts'
import { leaseUris } from './fetch-cache/lease-uris.ts'
import { mayLink } from './fetch-cache/may-link.ts'
import { hostOwner } from './host-owner.ts'
import type { ContainerizerMetrics } from './metrics.ts'

export interface FetchSettings {
  readonly stallMs: number
  readonly archives: ArchiveLimits
  readonly transfer: TransferOptions
  readonly link: LinkPolicy
}

export interface FetchDeps {
  readonly pools: { readonly fetch: Pool }
  readonly metrics: ContainerizerMetrics
  readonly fetching: FetchSettings
  readonly fetchCache: FetchCache
}

/** Brings the container's URIs into its sandbox. A failure says how far it was. */
export async function fetchInto (container: Container, deps: FetchDeps, signal: AbortSignal): Promise<void> {
  const leases: Array<Lease | undefined> = []
  let last: FetchProgress | undefined
  const onProgress = (progress: FetchProgress): void => { last = container.fetchProgress = progress }
  try {
    const input = await inputOf(container, deps)
    await takeFromCache(container, { ...deps, input, leases, onProgress }, signal)
    const cached = leases.map(lease => lease && { path: lease.path, bytes: lease.bytes, mayLink: mayLink(container.spec, deps.fetching.link) })
    const { bytes, cachedBytes } = await deps.pools.fetch.run('fetch', { ...input, cached }, signal, onProgress)
    deps.metrics.fetchedBytes.inc(bytes)
    deps.metrics.fetchCache.hitBytes.inc(cachedBytes)
    deps.metrics.fetches.ended('ok')
  } catch (error) {
    deps.metrics.fetches.ended(signal.aborted ? 'stopped' : 'failed')
    if (last === undefined) throw error
    throw AgentError.wrap(error, `file ${last.file} of ${last.files}`)
  } finally {
    deps.metrics.fetches.repeated(last?.retries ?? 0, last?.resumed ?? 0)
    for (const lease of leases) lease?.release()
    container.fetchProgress = undefined
  }
}

async function inputOf ({ spec }: Container, { fetching }: FetchDeps): Promise<FetchInput> {
  const { stallMs, archives, transfer } = fetching
  return { sandbox: spec.sandbox.hostPath, uris: spec.uris, stallMs, archives, owner: await hostOwner(spec.user), transfer }
}

interface Taking extends FetchDeps {
  readonly input: FetchInput
  readonly leases: Array<Lease | undefined>
  onProgress (progress: FetchProgress): void
}

async function takeFromCache ({ spec }: Container, { pools, fetchCache, input, leases, onProgress }: Taking, signal: AbortSignal): Promise<void> {
  const { uris, transfer } = input
  if (!uris.some(({ cache }) => cache)) return
  await pools.fetch.run('checkUris', { uris, ...(transfer && { transfer }) }, signal)
  await leaseUris(uris, leases, { cache: fetchCache, user: spec.user, onProgress }, signal)
}
