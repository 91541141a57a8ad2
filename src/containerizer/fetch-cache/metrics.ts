import { Counter, Gauge, type Registry } from 'prom-client'

const outcomes = ['hit', 'miss', 'shared', 'bypassed'] as const
const reasons = ['room', 'damaged', 'stale', 'asked'] as const

export type CacheOutcome = typeof outcomes[number]
export type DropReason = typeof reasons[number]
export type FetchCacheMetrics = ReturnType<typeof fetchCacheMetrics>

export function fetchCacheMetrics (registry: Registry) {
  const registers = [registry]
  const requests = new Counter({
    name: 'slipway_fetch_cache_requests_total', labelNames: ['outcome'], registers,
    help: 'URIs with `cache`: there already, brought, brought by another that was under way, or fetched past the cache.',
  })
  const drops = new Counter({ name: 'slipway_fetch_cache_drops_total', help: 'Entries dropped, by reason.', labelNames: ['reason'], registers })
  const hitBytes = new Counter({ name: 'slipway_fetch_cache_hit_bytes_total', help: 'Bytes that sandboxes had from the cache.', registers })
  let read = (): { bytes: number, entries: number } => ({ bytes: 0, entries: 0 })
  new Gauge({ name: 'slipway_fetch_cache_bytes', help: 'What the cache takes of the disk.', registers, collect () { this.set(read().bytes) } })
  new Gauge({ name: 'slipway_fetch_cache_entries', help: 'Entries in the cache.', registers, collect () { this.set(read().entries) } })
  for (const outcome of outcomes) requests.inc({ outcome }, 0)
  for (const reason of reasons) drops.inc({ reason }, 0)
  return {
    hitBytes,
    requested (outcome: CacheOutcome): void { requests.inc({ outcome }) },
    dropped (reason: DropReason): void { drops.inc({ reason }) },
    from (source: typeof read): void { read = source },
  }
}
