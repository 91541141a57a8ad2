import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { silentLog } from '../../src/base/log.ts'
import { FetchCache, type FetchCacheOptions } from '../../src/containerizer/fetch-cache/fetch-cache.ts'
import { fetchCacheMetrics } from '../../src/containerizer/fetch-cache/metrics.ts'
import { startPool, type Pool } from '../../src/pool/pool.ts'

export interface CacheGround extends AsyncDisposable {
  readonly folder: string
  readonly dir: string
  readonly pool: Pool
  /** A cache on the folder, as the next agent would open it. */
  open (options?: Partial<FetchCacheOptions>): OpenedCache
}

export interface OpenedCache {
  readonly cache: FetchCache
  /** Of `slipway_fetch_cache_…`: by what stands between the braces. */
  counted (name: string): Promise<Record<string, number>>
}

/** A folder and a worker thread for caches. */
export function cacheGround (): CacheGround {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-cache-'))
  const dir = join(folder, 'cache')
  const entry = new URL('../../workers/fetch/entry.js', import.meta.url)
  const pool = startPool({ name: 'fetch', entry, threads: 1, jobsPerThread: 200, cancelMs: 5_000, log: silentLog })
  return {
    folder, dir, pool,
    open (options) {
      const registry = new Registry()
      const metrics = fetchCacheMetrics(registry)
      const cache = new FetchCache({
        pool, dir, maxBytes: 100e6, revalidate: false, fillsAtOnce: 8, stallMs: 10_000, log: silentLog, metrics, ...options,
      })
      return {
        cache,
        async counted (name) {
          const { values = [] } = await registry.getSingleMetric(`slipway_fetch_cache_${name}`)?.get() ?? {}
          return Object.fromEntries(values.map(({ labels, value }) => [Object.values(labels).join(), value]))
        },
      }
    },
    async [Symbol.asyncDispose] () {
      await pool[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What `du` says of the entries of a cache, without the folder that they are in. */
export function diskUse (dir: string): number {
  const entries = join(dir, 'entries')
  mkdirSync(entries, { recursive: true })
  const folders = readdirSync(entries).map(name => join(entries, name))
  if (folders.length === 0) return 0
  return Number(/^(\d+)\ttotal$/m.exec(execFileSync('du', ['-c', '-s', '-B1', ...folders], { stdio: 'pipe' }).toString())?.[1])
}
