import { Registry } from 'prom-client'
import { agentMetrics } from './agent/metrics.ts'
import { containerizerMetrics } from './containerizer/metrics.ts'
import { processMetrics } from './operator/metrics.ts'

/** Every metric there is, in one registry; docs/metrics.md is printed from it. */
export function allMetrics () {
  const registry = new Registry()
  processMetrics(registry)
  return { registry, containerizer: containerizerMetrics(registry), agent: agentMetrics(registry) }
}
