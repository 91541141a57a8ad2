import { Registry } from 'prom-client'
import { agentMetrics } from './agent/metrics.ts'
import { containerizerMetrics } from './containerizer/metrics.ts'
import { engineMetrics } from './engine/metrics.ts'
import { processMetrics } from './operator/metrics.ts'
import { poolMetrics } from './pool/metrics.ts'

/** Every metric there is, in one registry; docs/metrics.md is printed from it. */
/** The kinds of worker threads, each with its folder in workers/. */
export const poolNames = ['pull', 'fetch', 'logs', 'cgroup'] as const
export type PoolName = typeof poolNames[number]

export function allMetrics () {
  const registry = new Registry()
  processMetrics(registry)
  return {
    registry,
    engine: engineMetrics(registry),
    containerizer: containerizerMetrics(registry),
    agent: agentMetrics(registry),
    pools: poolMetrics(registry, poolNames),
  }
}

export type AllMetrics = ReturnType<typeof allMetrics>
