import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { needsEngine, needsPrograms } from '../support/requires.ts'
import { startTestAgent } from '../support/test-agent.ts'

const { socket, skip } = needsEngine()
const program = needsPrograms('prometheus', 'setpriv')

test('a real Prometheus finds the agent up and drops no series of it', { skip: skip || program.skip }, async () => {
  const image = await ensureBusybox(socket)
  await using agent = await startTestAgent(socket)
  const framework = await agent.subscribe()
  await using prometheus = await startPrometheus(agent.url)
  await framework.run({ image, argv: ['true'] })
  await eventually(async () => {
    assert.equal(await prometheus.ask('slipway_stage_duration_seconds_count{stage="start",outcome="ok"}'), 1)
    assert.ok((await prometheus.ask('count_over_time(up[1m])') ?? 0) >= 2)
  }, { withinMs: 30_000, reason: 'two scrapes, and one after the task' })

  const targets = await prometheus.targets()
  assert.deepEqual(targets.map(({ health, lastError }) => ({ health, lastError })), [{ health: 'up', lastError: '' }])
  assert.equal(await prometheus.ask('min_over_time(up[1m])'), 1)
  assert.equal(await prometheus.ask('scrape_samples_post_metric_relabeling == scrape_samples_scraped'), await prometheus.ask('scrape_samples_scraped'))

  const { text } = await agent.get('/metrics')
  const told = text.split('\n').filter(line => line.startsWith('slipway_')).length
  assert.ok(told > 100)
  assert.equal(await prometheus.ask('count({__name__=~"slipway_.+"})'), told)
  const refused = await prometheus.ownFigures(/^prometheus_target_(scrapes_sample_|scrapes_exceeded_|scrape_pool_exceeded_)/)
  assert.ok(refused.length >= 4)
  assert.deepEqual(refused.filter(([, value]) => value !== 0), [])
})
