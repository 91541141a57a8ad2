import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startOwnAgent } from '../support/own-agent.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import type { TaskWish } from '../support/test-framework.ts'
import { faultyFile } from '../unit/workers/fetch/faulty-file.ts'
import { startWebServer } from '../unit/workers/fetch/web-server.ts'

const body = Buffer.alloc(200_000, 'content of a file; ')

function withUri (id: string, value: string): TaskWish {
  return { id, info: { command: { shell: true, value: 'echo hi', uris: [{ value }] } } }
}

test('what breaks off goes on by the settings of the agent, and is counted', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket, { fetchRetries: 2, fetchRetryDelay: '1ms' })
  const resumes = faultyFile(body, { etag: '"e"' }, [{ cutAfter: 50_000 }])
  const fails = faultyFile(body, {}, Array.from({ length: 9 }, () => ({ status: 503 })))
  await using server = await startWebServer({ '/resumes': resumes.page, '/fails': fails.page })
  const framework = await agent.subscribe()
  assert.equal((await framework.run(withUri('one', `${server.origin}/resumes`))).state, 'TASK_FINISHED')
  assert.deepEqual(resumes.asked, ['', 'bytes=50000- "e"'])
  const { state, message = '' } = await framework.run(withUri('two', `${server.origin}/fails`))
  assert.equal(state, 'TASK_FAILED')
  assert.match(message, /fetch failed: .*\/fails: 503 Service Unavailable, after 3 attempts/)
  assert.equal(await agent.metric('slipway_fetch_retries_total{way="resumed"}'), 1)
  assert.equal(await agent.metric('slipway_fetch_retries_total{way="anew"}'), 2)
  assert.equal(await agent.metric('slipway_fetches_total{outcome="ok"}'), 1)
  assert.equal(await agent.metric('slipway_fetches_total{outcome="failed"}'), 1)
})

test('the settings say where files may come from', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket, { fetchDenyAddresses: 'loopback', frameworksHome: '/etc', allowFetchPaths: '/usr/share' })
  const framework = await agent.subscribe()
  assert.equal((await framework.run(withUri('relative', 'hostname'))).state, 'TASK_FINISHED')
  const outside = join(agent.workDir, 'file')
  writeFileSync(outside, 'x')
  assert.match((await framework.run(withUri('outside', outside))).message ?? '', /is not in a folder that --allow-fetch-paths names/)
  assert.match((await framework.run(withUri('loopback', 'http://localhost:1/x'))).message ?? '', /localhost is a loopback address/)
  assert.match((await framework.run(withUri('unknown', 'gopher://me:secret@h/x'))).message ?? '', /gopher:\/\/h\/x: the scheme gopher is not supported/)
  assert.equal(readFileSync(outside, 'utf8'), 'x')
})
