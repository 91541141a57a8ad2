import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

for (const how of ['refuse', 'hang'] as const) {
  test(`the end of a task is told although every look at its container meets "${how}": the list knows it as well`, async () => {
    await using engine = await startSimEngine()
    await using agent = await startTestAgent(engine.socket, { exitPollInterval: '100ms' })
    const framework = await agent.subscribe()
    const [id = ''] = await framework.launch({ shell: 'sleep 1; exit 3' })
    await framework.until(id, 'TASK_RUNNING')
    await engine.fault('inspect', how)
    const { state, message } = await framework.end(id)
    assert.deepEqual([state, message], ['TASK_FAILED', 'Container exited with status 3'])
  })
}

test('a pull that waited behind one that used up its time has its place, whether that has let go of its worker or not', async () => {
  await using engine = await startSimEngine()
  await engine.addRemoteImage('registry.test/slow:1', { layers: 2, bytes: 8_000_000, chunkMs: 5_000 })
  await engine.addRemoteImage('registry.test/quick:1')
  await using agent = await startTestAgent(engine.socket, { pullConcurrency: 1, pullTimeout: '1s', pullStallTimeout: '10m' })
  const framework = await agent.subscribe()
  const [slow = '', quick = ''] = await framework.launch({ image: 'registry.test/slow:1', shell: 'true' }, { image: 'registry.test/quick:1', shell: 'true' })
  assert.match((await framework.end(slow)).message ?? '', /took over 1 s$/)
  const { state, message } = await framework.end(quick)
  assert.equal(state, 'TASK_FINISHED', message)
})

test('a task that is being killed is not said to run again when its inspect comes late', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe('killing', { capabilities: [{ type: 'TASK_KILLING_STATE' }] })
  await engine.fault('inspect', 'late', { ms: 3_500, times: 1 })
  const [id = ''] = await framework.launch({ shell: 'trap \'\' TERM; while :; do sleep 0.1; done' })
  await framework.until(id, 'TASK_RUNNING')
  await framework.kill(id, 3_000)
  await framework.end(id)
  const states = framework.statuses.get(id)?.map(({ state }) => state)
  assert.deepEqual(states, ['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED'])
})

test('a launch that comes while the agent is stopping has failed; nothing is wrong with the task', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [last = ''] = await framework.launch({ shell: 'trap \'\' TERM; while :; do sleep 0.1; done' })
  await framework.until(last, 'TASK_RUNNING')
  await eventually(() => framework.offers.length > 0)
  const stopped = agent.stop()
  const { state, message } = await framework.run({ shell: 'true' })
  assert.deepEqual([state, message], ['TASK_FAILED', 'the agent is shutting down'])
  await stopped
})

test('a create whose answer breaks off is over: it does not count as overdue for ever', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { createTimeout: '500ms', quarantineLimit: 1 })
  const framework = await agent.subscribe()
  await engine.fault('create', 'cut', { times: 1 })
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FAILED')
  await eventually(async () => await agent.metric('slipway_overdue_operations') === 0, { withinMs: 3_000 })
  assert.equal(await agent.metric('slipway_launches_paused'), 0)
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
})
