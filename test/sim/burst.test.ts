import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { test } from 'node:test'
import { activeResources, nothingLeft } from '../support/open-ends.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

test('a hundred tasks at once all run and end, and nothing is left of them', async t => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await framework.run({ shell: 'true' })
  await nothingLeft(engine, agent, undefined)
  const usual = activeResources()
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  const beganAt = performance.now()
  const ids = await framework.launch(...Array.from({ length: 100 }, (_, number) => ({ shell: `exit ${number}` })))
  const ends = await Promise.all(ids.map(id => framework.end(id)))
  const tookMs = performance.now() - beganAt
  loop.disable()
  t.diagnostic(`100 tasks in ${Math.round(tookMs)} ms; event loop of agent and test, p99: ${(loop.percentile(99) / 1e6).toFixed(1)} ms`)
  for (const [number, { state, labels }] of ends.entries()) {
    assert.equal(state, number === 0 ? 'TASK_FINISHED' : 'TASK_FAILED')
    assert.equal(labels?.labels?.[0]?.value, `${number}`)
  }
  await nothingLeft(engine, agent, usual)
})

test('launches beyond the queue limit are refused at once, with a reason, and those before them run', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { queueLimit: 5, createConcurrency: 1 })
  const framework = await agent.subscribe()
  await engine.fault('create', 'hang')
  const ids = await framework.launch(...Array.from({ length: 8 }, () => ({ shell: 'true' })))
  const [accepted, refused] = [ids.slice(0, 5), ids.slice(5)]
  for (const id of refused) {
    const { state, message, labels } = await framework.end(id)
    assert.deepEqual([state, message], ['TASK_FAILED', '5 launches are waiting already'])
    assert.equal(labels?.labels?.[0]?.value, 'QUEUE_FULL')
  }
  await engine.mend()
  await engine.release()
  for (const id of accepted) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
})

test('one log worker carries the output of more than five hundred tasks at once', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const ids = await framework.launch(...Array.from({ length: 520 }, () => ({ shell: 'sleep 1000', cpus: 0.01 })))
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  assert.equal(await agent.metric('slipway_log_pipes_open'), 520)
})

test('tasks of one call are killed whether they have been taken on yet or not, and those between them run', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const ids = await framework.launch(...Array.from({ length: 300 }, () => ({ shell: 'sleep 1000', cpus: 0.01 })))
  const [first = '', last = ''] = [ids[0], ids.at(-1)]
  await Promise.all([framework.kill(last), framework.kill(first)])
  for (const id of [first, last]) assert.equal((await framework.end(id)).state, 'TASK_KILLED')
  for (const id of ids.slice(1, -1)) await framework.until(id, 'TASK_RUNNING')
})

test('a framework that goes with its tasks only half taken on leaves nothing behind', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await framework.launch(...Array.from({ length: 300 }, () => ({ shell: 'sleep 1000', cpus: 0.01 })))
  await framework.call('TEARDOWN', {})
  await nothingLeft(engine, agent, undefined)
  const other = await agent.subscribe()
  assert.equal((await other.run({ shell: 'true' })).state, 'TASK_FINISHED')
})
