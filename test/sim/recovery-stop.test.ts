import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { startSimEngine } from '../support/sim-engine.ts'

test('a kill whose signal waits for the engine while the agent is told to end goes on in the next run', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'trap "" TERM; while :; do sleep 0.1; done' })
  await framework.until(id, 'TASK_RUNNING')
  await engine.fault('kill', 'hang')
  await framework.kill(id, 2_000)
  await eventually(async () => (await engine.calls()).some(({ call }) => call === 'kill'))
  await agent.kill('SIGTERM')
  await engine.mend()
  await engine.release()
  await agent.start()
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  const { state, message } = await again.end(id)
  assert.equal(state, 'TASK_KILLED', message)
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
})

for (const ms of [300, 3_000]) {
  test(`a container that takes ${ms} ms to start while the agent is told to end is not killed: the next run goes on with it`, async () => {
    await using engine = await startSimEngine()
    await using agent = await startOwnAgent(engine.socket)
    const framework = await agent.subscribe()
    await engine.fault('start', 'late', { times: 1, ms, when: 'after' })
    const [id = ''] = await framework.launch({ shell: 'sleep 5; echo done' })
    await eventually(async () => (await engine.calls()).some(({ call }) => call === 'start'))
    await agent.kill('SIGTERM')
    await agent.start()
    const again = await agent.subscribe({ id: { value: framework.frameworkId } })
    const { state, message } = await again.end(id)
    assert.equal(state, 'TASK_FINISHED', message)
    await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
  })
}

test('tasks that end at any moment while the agent ends are told of by the next run', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  const framework = await agent.subscribe()
  const ids: string[] = []
  for (let at = 0; at < 40; at++) ids.push(...await framework.launch({ shell: 'sleep 100' }))
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  const names = (await engine.containers()).map(({ name }) => name)
  const stopped = agent.kill('SIGTERM')
  for (const name of names) await engine.exit(name, 0)
  await stopped
  await agent.start()
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  for (const id of ids) assert.equal((await again.end(id)).state, 'TASK_FINISHED')
})
