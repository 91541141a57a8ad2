import type { FetchProgress } from '../model/uri.ts'
import { AgentError } from '../model/errors.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'
import type { ContainerizerMetrics } from './metrics.ts'

export interface FetchDeps {
  readonly pools: { readonly fetch: Pool }
  readonly metrics: ContainerizerMetrics
  readonly fetchStallMs: number
}

/** Brings the container's URIs into its sandbox. A failure says how far it was. */
export async function fetchInto (container: Container, deps: FetchDeps, signal: AbortSignal): Promise<void> {
  const { sandbox, uris } = container.spec
  let last: FetchProgress | undefined
  try {
    const { bytes } = await deps.pools.fetch.run('fetch', { sandbox: sandbox.hostPath, uris, stallMs: deps.fetchStallMs }, signal, progress => {
      last = container.fetchProgress = progress
    })
    deps.metrics.fetchedBytes.inc(bytes)
  } catch (error) {
    if (last === undefined) throw error
    throw AgentError.wrap(error, `file ${last.file} of ${last.files}`)
  } finally {
    container.fetchProgress = undefined
  }
}
