import { join } from 'node:path'
import type { Log } from './base/log.ts'
import { FetchCache } from './containerizer/fetch-cache/fetch-cache.ts'
import type { FetchCacheMetrics } from './containerizer/fetch-cache/metrics.ts'
import { checksAtOnce } from './containerizer/fetch-cache/cache-checks.ts'
import type { FetchSettings } from './containerizer/fetch-into.ts'
import { archiveLimits } from './model/archive-limits.ts'
import type { Config } from './model/settings.ts'
import { transferFrom } from './transfer-from.ts'
import type { Pool } from './pool/pool.ts'

/** What the cache does at the workers beside the fetches themselves: checks, transfers, and the removal of what has gone. */
export function cacheJobs (config: Config): number {
  return checksAtOnce + config.fetchConcurrency + removals
}

const removals = 64

export function fetchSettings (config: Config): FetchSettings {
  return { stallMs: config.fetchStallTimeout, archives: archiveLimits(config), transfer: transferFrom(config), link: config.fetchCacheLink }
}

export interface FetchCacheNeeds {
  readonly config: Config
  readonly workDir: string
  readonly instanceId: string
  readonly pool: Pool
  readonly metrics: FetchCacheMetrics
  readonly log: Log
}

/** In the work directory, which has one agent, or in a folder of this instance's own. */
export function openFetchCache ({ config, workDir, instanceId, pool, metrics, log }: FetchCacheNeeds): FetchCache {
  const { stallMs, transfer } = fetchSettings(config)
  const dir = config.fetchCacheDir === undefined ? join(workDir, 'fetch-cache') : join(config.fetchCacheDir, instanceId)
  return new FetchCache({
    pool, dir, stallMs, transfer, metrics, log,
    maxBytes: config.fetchCacheSize, revalidate: config.fetchCacheRevalidate, fillsAtOnce: config.fetchConcurrency,
  })
}
