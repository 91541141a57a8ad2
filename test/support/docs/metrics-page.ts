import type { Registry } from 'prom-client'
import { page, table } from './markdown.ts'

/** docs/metrics.md, from the registry that GET /metrics prints. */
export async function metricsPage (registry: Registry): Promise<string> {
  const metrics = await registry.getMetricsAsJSON()
  const own = metrics.filter(({ name }) => name.startsWith('slipway_')).sort((a, b) => a.name < b.name ? -1 : 1)
  const rows = own.map(metric => [`\`${metric.name}\``, String(metric.type), labelsOf(metric.values), metric.help])
  return page('Metrics',
    `\`GET /metrics\` answers them in the Prometheus text format, without a token. Every series is there from the start; labels come
from closed sets, so there are no ids, images or messages in them. Node's own (\`nodejs_…\`, \`process_…\`) are not listed.
\`GET /metrics?name[]=slipway_containers\`, the name as often as wanted, answers those alone, for next to no work.`,
    table(['name', 'type', 'labels', 'about'], rows))
}

function labelsOf (values: ReadonlyArray<{ labels: object }> = []): string {
  const names = new Set(values.flatMap(({ labels }) => Object.keys(labels)))
  names.delete('le')
  return [...names].map(name => `\`${name}\``).join(', ') || '–'
}
