import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fastify } from 'fastify'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { metricsRoute } from '../../../src/operator/metrics.ts'

async function ask (query: string): Promise<string> {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({ name: 'slipway_height', help: 'Height.', registers, collect () { this.set(7) } })
  new Counter({ name: 'slipway_steps_total', help: 'Steps.', labelNames: ['leg'], registers }).inc({ leg: 'left' })
  new Histogram({ name: 'slipway_stride_seconds', help: 'Strides.', buckets: [1], registers }).observe(2)
  await using app = fastify()
  metricsRoute(app, registry)
  const { statusCode, body, headers } = await app.inject(`/metrics${query}`)
  assert.deepEqual([statusCode, headers['content-type']], [200, registry.contentType])
  return body
}

const height = '# HELP slipway_height Height.\n# TYPE slipway_height gauge\nslipway_height 7\n'
const steps = '# HELP slipway_steps_total Steps.\n# TYPE slipway_steps_total counter\nslipway_steps_total{leg="left"} 1\n'

test('/metrics answers them all', async () => {
  const all = await ask('')
  for (const part of [height, steps, 'slipway_stride_seconds_count 1\n']) assert.ok(all.includes(part), all)
})

for (const [query, expected] of [
  ['?name[]=slipway_height', height],
  ['?name%5B%5D=slipway_height&name%5B%5D=slipway_steps_total', `${height}\n${steps}`],
  ['?name[]=slipway_height&name[]=slipway_height', height],
  ['?name[]=__proto__&name[]=slipway_nothing&name[]=', ''],
] as const) {
  test(`/metrics${query} answers what it names`, async () => { assert.equal(await ask(query), expected) })
}

test('a histogram is asked for by its own name and comes whole', async () => {
  assert.match(await ask('?name[]=slipway_stride_seconds'), /_bucket\{le="1"\} 0\n.*_bucket\{le="\+Inf"\} 1\n.*_sum 2\n.*_count 1\n$/s)
})
