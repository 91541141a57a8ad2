import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { startOwnAgent } from '../support/own-agent.ts'
import { eventually } from '../support/eventually.ts'
import { startSimEngine } from '../support/sim-engine.ts'

test('SIGTERM leaves tasks running, ends the agent in under 2 s, and the next agent goes on with them', async t => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  const framework = await agent.subscribe()
  const ids = await framework.launch(...Array.from({ length: 5 }, () => ({ shell: 'while :; do echo tick; sleep 0.1; done' })))
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  const stoppedAt = performance.now()
  assert.equal(await agent.kill('SIGTERM'), 0)
  const tookMs = performance.now() - stoppedAt
  t.diagnostic(`the agent ended after ${Math.round(tookMs)} ms`)
  assert.ok(tookMs < 2_000, `it took ${tookMs} ms`)
  assert.deepEqual((await engine.containers()).map(({ state }) => state), ids.map(() => 'running'))
  await agent.start()
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  for (const id of ids) await again.kill(id)
  for (const id of ids) assert.equal((await again.end(id)).state, 'TASK_KILLED')
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
})

test('SIGTERM in the middle of launches undoes those that nothing was started of, and their frameworks hear of it from the next agent', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  const framework = await agent.subscribe()
  await engine.fault('create', 'hang')
  const [id = ''] = await framework.launch({ shell: 'sleep 1000' })
  await eventually(async () => (await engine.calls()).some(({ call }) => call === 'create'))
  assert.equal(await agent.kill('SIGTERM'), 0)
  await engine.mend()
  await engine.release()
  await agent.start()
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  const told = [...framework.statuses.get(id) ?? [], ...again.statuses.get(id) ?? [], await again.end(id).catch(() => framework.end(id))]
  assert.equal(told.at(-1)?.state, 'TASK_FAILED')
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
})

for (const [how, settings, signal] of [['SIGUSR1', {}, 'SIGUSR1'], ['SIGTERM with --shutdown-containers', { shutdownContainers: true }, 'SIGTERM']] as const) {
  test(`${how} ends the tasks, tells their frameworks, and then ends the agent`, async () => {
    await using engine = await startSimEngine()
    await using agent = await startOwnAgent(engine.socket, settings)
    const framework = await agent.subscribe()
    const [id = ''] = await framework.launch({ shell: 'sleep 1000' })
    await framework.until(id, 'TASK_RUNNING')
    assert.equal(await agent.kill(signal), 0)
    assert.equal((await framework.end(id)).state, 'TASK_KILLED')
    assert.deepEqual(await engine.containers(), [])
  })
}

test('--recover=cleanup ends the tasks of an earlier run, and then the agent', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'sleep 1000' })
  await framework.until(id, 'TASK_RUNNING')
  await agent.kill('SIGKILL')
  assert.equal((await agent.startBadly({ recover: 'cleanup' })).code, 0)
  assert.deepEqual(await engine.containers(), [])
  await agent.start()
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  assert.equal((await again.end(id)).state, 'TASK_KILLED')
})

test('a second agent on the same work directory is told the pid of the first, and changes nothing', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  await using other = await startOwnAgent(engine.socket, { workDir: `${agent.workDir}-other` })
  await other.kill('SIGKILL')
  const { code, stderr } = await other.startBadly({ workDir: agent.workDir })
  assert.notEqual(code, 0)
  assert.match(stderr, new RegExp(`in use by the agent with pid ${agent.pid()}`))
  assert.equal((await agent.get('/health')).status, 200)
})

test('the thread pool of the agent is larger than libuv\'s own', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  await agent.get('/health')
  assert.ok(readdirSync(`/proc/${agent.pid()}/task`).length >= 32)
})
