import assert from 'node:assert/strict'
import { test } from 'node:test'
import Docker from 'dockerode'
import { eventually } from '../support/eventually.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

/** Makes a container with these labels behind the agent's back. */
async function plant (engine: SimEngine, name: string, labels: Record<string, string>, isStarted: boolean): Promise<void> {
  const docker = new Docker({ socketPath: engine.socket })
  const container = await docker.createContainer({ name, Image: 'busybox:latest', Cmd: ['sleep', '100'], Labels: labels })
  if (isStarted) await container.start()
}

async function names (engine: SimEngine): Promise<string[]> {
  return (await engine.containers()).map(({ name }) => name).sort()
}

test('containers with our label and no owner are removed, Created ones too; those of others and of nobody are left alone', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { exitPollInterval: '100ms' })
  const ours = { 'slipway.agent': agent.instanceId }
  await plant(engine, 'mesos-foreign', { 'slipway.agent': 'somebody-else' }, true)
  await plant(engine, 'mesos-foreign-created', { 'slipway.agent': 'somebody-else' }, false)
  await plant(engine, 'mesos-nobody', {}, true)
  await plant(engine, 'mesos-running', { ...ours, 'slipway.container': 'unknown-1' }, true)
  await plant(engine, 'mesos-created', { ...ours, 'slipway.container': 'unknown-2' }, false)
  await plant(engine, 'other-name', ours, true)
  await eventually(async () => { assert.deepEqual(await names(engine), ['mesos-foreign', 'mesos-foreign-created', 'mesos-nobody']) })
  assert.equal(await agent.metric('slipway_swept_containers_total'), 3)
  assert.equal(await agent.metric('slipway_foreign_containers'), 2)
})

test('a container of a running task is no orphan, however often the sweep looks', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { exitPollInterval: '20ms' })
  const framework = await agent.subscribe()
  await engine.fault('create', 'late', { ms: 300, when: 'after' })      // it is there before we know that it is
  const [id = ''] = await framework.launch({ shell: 'sleep 100' })
  await framework.until(id, 'TASK_RUNNING')
  const polls = async (): Promise<number> => (await engine.calls()).filter(({ call }) => call === 'list').length
  const sofar = await polls()
  await eventually(async () => await polls() > sofar + 5)
  assert.equal((await engine.containers())[0]?.state, 'running')
  assert.equal(await agent.metric('slipway_swept_containers_total'), 0)
})

test('an orphan that cannot be removed at first is removed in the end, once', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { exitPollInterval: '50ms' })
  await engine.fault('remove', 'refuse', { times: 3 })
  await plant(engine, 'mesos-stubborn', { 'slipway.agent': agent.instanceId }, true)
  await eventually(async () => { assert.deepEqual(await names(engine), []) })
  await eventually(async () => await agent.metric('slipway_swept_containers_total') === 1)
  assert.equal((await engine.calls()).filter(({ call }) => call === 'remove').length, 4, 'each poll finds it, one removal is under way')
})

test('many late arrivals of creates that were given up are all swept', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { createTimeout: '300ms', createConcurrency: 10, exitPollInterval: '100ms' })
  const framework = await agent.subscribe()
  await engine.fault('create', 'late', { ms: 3_500 })
  const ids = await framework.launch(...Array.from({ length: 10 }, () => ({ shell: 'sleep 100' })))
  for (const id of ids) assert.match((await framework.end(id)).message ?? '', /create failed: took over 0.3 s/)
  assert.deepEqual(await names(engine), [])
  await eventually(async () => await agent.metric('slipway_swept_containers_total') === ids.length)
  assert.deepEqual(await names(engine), [])
  assert.equal((await engine.calls()).some(({ call }) => call === 'start'), false, 'none of them ever ran')
})
