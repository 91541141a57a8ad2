import assert from 'node:assert/strict'
import { rename } from 'node:fs/promises'
import { test } from 'node:test'
import { healthOf, untilEngineIs } from '../support/engine-health.ts'
import { eventually } from '../support/eventually.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

interface Trouble { readonly told: string, readonly condition: string, begin (engine: SimEngine): Promise<void>, end (engine: SimEngine): Promise<void> }

const troubles: readonly Trouble[] = [
  { told: 'is killed', condition: 'down', begin: engine => engine.kill(), end: engine => engine.restart() },
  { told: 'hangs', condition: 'hung', begin: async engine => { engine.pause() }, end: async engine => { engine.resume() } },
  {
    told: 'has lost its socket', condition: 'down',
    begin: engine => rename(engine.socket, `${engine.socket}.away`), end: engine => rename(`${engine.socket}.away`, engine.socket),
  },
  {
    told: 'answers every ping with 500', condition: 'failing',
    begin: engine => engine.fault('ping', 'refuse'), end: engine => engine.mend(),
  },
  {
    told: 'answers pings and lists nothing', condition: 'failing',
    begin: engine => engine.fault('list', 'refuse'), end: engine => engine.mend(),
  },
]

for (const { told, condition, begin, end } of troubles) {
  test(`an engine that ${told} is told as ${condition} within 10 s; launches wait for it, and what runs goes on`, async () => {
    await using engine = await startSimEngine()
    await using agent = await startTestAgent(engine.socket)
    const framework = await agent.subscribe()
    const [old = ''] = await framework.launch({ shell: 'sleep 100' })
    await framework.until(old, 'TASK_RUNNING')
    await begin(engine)
    await untilEngineIs(agent, condition)
    const ids = await framework.launch(...Array.from({ length: 20 }, () => ({ shell: 'true' })))
    await eventually(async () => await agent.metric('slipway_launches_paused') === 1)
    assert.deepEqual(ids.filter(id => framework.statuses.has(id)), [], 'nothing is said of a launch that waits')
    await end(engine)
    await untilEngineIs(agent, 'up')
    for (const id of ids) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
    assert.equal(framework.statuses.get(old)?.at(-1)?.state, 'TASK_RUNNING')
    await framework.kill(old, 0)
    assert.equal((await framework.end(old)).state, 'TASK_KILLED')
  })
}

test('an agent starts without an engine, says so, and launches when there is one', async () => {
  await using engine = await startSimEngine()
  await engine.kill()
  await using agent = await startTestAgent(engine.socket)
  await untilEngineIs(agent, 'down')
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'true' })
  await eventually(async () => await agent.metric('slipway_stage_waiting{stage="image"}') === 0)
  await engine.restart()
  assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
})

test('a launch that has waited too long for its engine fails for that reason, and so do those that come then', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { engineWait: '1s' })
  const framework = await agent.subscribe()
  engine.pause()
  await untilEngineIs(agent, 'hung')
  const message = /^Failed to launch container: pull failed: image busybox:latest: the engine has been in trouble for over 1 s: no ping was answered for 3 s$/
  for (const _ of ['one that waits', 'one that comes later']) {
    const { state, message: said, labels } = await framework.run({ shell: 'true' })
    assert.equal(state, 'TASK_FAILED')
    assert.match(said ?? '', message)
    assert.ok(labels?.labels?.some(({ value }) => value === 'ENGINE_DOWN'))
  }
  engine.resume()
  await untilEngineIs(agent, 'up')
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
})

test('a launch that waits for its engine can be killed', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await engine.kill()
  await untilEngineIs(agent, 'down')
  const [id = ''] = await framework.launch({ shell: 'true' })
  await framework.kill(id)
  assert.equal((await framework.end(id)).state, 'TASK_KILLED')
})

test('an engine that is back is not flooded: what waited goes through its lanes', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { createConcurrency: 2, startConcurrency: 2, removeConcurrency: 2 })
  const framework = await agent.subscribe()
  const old = await framework.launch(...Array.from({ length: 20 }, () => ({ shell: 'sleep 100' })))
  for (const id of old) await framework.until(id, 'TASK_RUNNING')
  engine.pause()
  await untilEngineIs(agent, 'hung')
  const ids = await framework.launch(...Array.from({ length: 20 }, () => ({ shell: 'true' })))
  for (const id of old) await framework.kill(id, 0)
  engine.resume()
  await eventually(async () => {
    const open = (await engine.calls()).filter(({ isOpen }) => isOpen)
    for (const call of ['create', 'start', 'remove']) assert.ok(open.filter(one => one.call === call).length <= 2, `many times ${call} at once`)
    assert.deepEqual(await engine.containers(), [])
    return [...ids, ...old].every(id => framework.statuses.get(id)?.at(-1)?.state.match(/FINISHED|KILLED/))
  }, { withinMs: 60_000, everyMs: 10 })
  assert.equal(await agent.metric('slipway_overdue_operations'), 0)
})

test('an engine whose disk is full fails launches with that reason and is told as full, until one succeeds', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await engine.fault('create', 'refuse', { message: 'mkdir /var/lib/docker/overlay2/x: no space left on device' })
  const { state, labels } = await framework.run({ shell: 'true' })
  assert.equal(state, 'TASK_FAILED')
  assert.ok(labels?.labels?.some(({ value }) => value === 'DISK_FULL'))
  assert.equal((await healthOf(agent))['engine_disk'], 'full')
  assert.equal(await agent.metric('slipway_engine_disk_full'), 1)
  await engine.mend()
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
  assert.equal((await healthOf(agent))['engine_disk'], 'ok')
})
