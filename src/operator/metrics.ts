import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, type Registry } from 'prom-client'

/** Gauges that are named like counters: promtool rejects them. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** The process's own figures: CPU, memory, event loop, garbage collection. */
export function processMetrics (registry: Registry): void {
  collectDefaultMetrics({ register: registry })
  for (const name of misnamed) registry.removeSingleMetric(name)
}

/** All there is, or only what the query names, as other exporters take it: /metrics?name[]=slipway_containers&name[]=… */
export function metricsRoute (app: FastifyInstance, registry: Registry): void {
  app.get<{ Querystring: { 'name[]'?: string | string[] } }>('/metrics', async ({ query }, reply) => {
    const names = query['name[]']
    return reply.type(registry.contentType).send(names === undefined ? await registry.metrics() : await metricsNamed(registry, new Set([names].flat())))
  })
}

/** A scrape of all takes milliseconds of the main thread, one of a few next to nothing. */
async function metricsNamed (registry: Registry, names: ReadonlySet<string>): Promise<string> {
  const wanted = registry.getMetricsAsArray().filter(({ name }) => names.has(name))
  const texts = await Promise.all(wanted.map(({ name }) => registry.getSingleMetricAsString(name)))
  return texts.map(text => `${text}\n`).join('\n')
}
