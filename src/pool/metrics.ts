import { Counter, Gauge, type Registry } from 'prom-client'
import { replacementReasons, type ReplacementReason } from './member.ts'

export type PoolMetrics = ReturnType<typeof poolMetrics>

export function poolMetrics (registry: Registry, names: readonly string[]) {
  const registers = [registry]
  const inFlight = new Map<string, () => number>()
  new Gauge({
    name: 'slipway_worker_jobs', help: 'Jobs on worker threads now.', labelNames: ['pool'], registers,
    collect () { for (const pool of names) this.set({ pool }, inFlight.get(pool)?.() ?? 0) },
  })
  const capacity = new Gauge({ name: 'slipway_worker_job_places', help: 'Jobs that the worker threads take at most.', labelNames: ['pool'], registers })
  const replaced = new Counter({
    name: 'slipway_worker_replacements_total', help: 'Worker threads that were lost and replaced.', labelNames: ['pool', 'why'], registers,
  })
  for (const pool of names) {
    capacity.set({ pool }, 0)
    for (const why of replacementReasons) replaced.inc({ pool, why }, 0)
  }
  return {
    poolFrom (pool: string, count: () => number, places: number): void {
      inFlight.set(pool, count)
      capacity.set({ pool }, places)
    },
    replaced (pool: string, why: ReplacementReason): void { replaced.inc({ pool, why }) },
  }
}
