import { Registry } from 'prom-client'
import { agentMetrics } from './agent/metrics.ts'
import { containerizerMetrics } from './containerizer/metrics.ts'
import { engineMetrics } from './engine/metrics.ts'
import { processMetrics } from './operator/metrics.ts'
import { poolMetrics } from './pool/metrics.ts'
import { mesosMetrics } from './scheduler/mesos/metrics.ts'
import { storeMetrics } from './store/metrics.ts'

/** The kinds of worker threads, and the folder in workers/ of each. A lower memory limit can block its thread: `limits` is there for that alone. */
export const poolFolders = { pull: 'pull', fetch: 'fetch', logs: 'logs', cgroup: 'cgroup', limits: 'cgroup', tidy: 'tidy' } as const
export type PoolName = keyof typeof poolFolders
const poolNames = Object.keys(poolFolders) as PoolName[]

/** Every metric there is, in one registry; docs/metrics.md is printed from it. */
export function allMetrics () {
  const registry = new Registry()
  processMetrics(registry)
  return {
    registry,
    engine: engineMetrics(registry),
    containerizer: containerizerMetrics(registry),
    agent: agentMetrics(registry),
    store: storeMetrics(registry),
    mesos: mesosMetrics(registry),
    pools: poolMetrics(registry, poolNames),
  }
}

export type AllMetrics = ReturnType<typeof allMetrics>
