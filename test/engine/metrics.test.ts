import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { ensureBusybox } from '../support/images.ts'
import { needsEngine, needsPrograms } from '../support/requires.ts'
import { startTestAgent } from '../support/test-agent.ts'

const { socket, skip } = needsEngine()
const promtool = needsPrograms('promtool')

/** What `promtool check metrics` finds wrong, as it says it. */
function findings (exposition: string): string {
  const { status, stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], { input: exposition, encoding: 'utf8', timeout: 30_000 })
  if (error !== undefined) throw error
  return status === 0 ? stdout + stderr : `${stdout}${stderr}(exit code ${status})`
}

/** Names and labels of our own series: the lines without their values. */
function seriesOf (exposition: string): string[] {
  return exposition.split('\n').filter(line => line.startsWith('slipway_')).map(line => line.slice(0, line.lastIndexOf(' '))).sort()
}

test('promtool check metrics finds nothing, at the start and after tasks that ended well and badly', { skip: skip || promtool.skip }, async () => {
  assert.match(findings('# TYPE misnamed_total gauge\nmisnamed_total 1\n'), /misnamed_total/)
  const image = await ensureBusybox(socket)
  await using agent = await startTestAgent(socket)
  assert.equal(findings((await agent.get('/metrics')).text), '')
  const framework = await agent.subscribe()
  await framework.run({ image, argv: ['true'] })
  await framework.run({ image, argv: ['no-such-program'] })
  assert.equal(findings((await agent.get('/metrics')).text), '')
})

test('every series is there from the start, whatever runs and fails', { skip }, async () => {
  const image = await ensureBusybox(socket)
  await using agent = await startTestAgent(socket)
  const { text } = await agent.get('/metrics')
  const framework = await agent.subscribe()
  await framework.run({ image, argv: ['true'] })
  await framework.run({ image, argv: ['no-such-program'] })
  await framework.run({ image: '127.0.0.1:1/none:1', argv: ['true'] })
  await framework.run({ image, info: { command: { value: 'true', uris: [{ value: 'file:///no/such/file' }] } } })
  assert.ok(seriesOf(text).length > 100)
  assert.deepEqual(seriesOf((await agent.get('/metrics')).text), seriesOf(text))
})
