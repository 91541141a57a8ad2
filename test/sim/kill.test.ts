import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog, type Log } from '../../src/base/log.ts'
import { eventually } from '../support/eventually.ts'
import { recordMainThreadCalls } from '../support/main-thread-calls.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

const queued = 500
const trapper = 'trap \'\' TERM; while :; do sleep 0.1; done'

function times<T> (count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number))
}

/** A log that tells when a container begins to stop: the moment its KILL has arrived. */
function logOfStops (onStop: (containerId: string) => void): Log {
  const hear = (fields: object): void => {
    const { containerId = '', from, to } = fields as { containerId?: string, from?: string, to?: string }
    if (from === 'running' && to === 'stopping') onStop(containerId)
  }
  return { ...silentLog, debug: hear }
}

async function callsOf (engine: SimEngine, name: string): Promise<number> {
  return (await engine.calls()).filter(({ call }) => call === name).length
}

async function running (framework: TestFramework, count: number, shell = 'sleep 100'): Promise<string[]> {
  const ids = await framework.launch(...times(count, () => ({ shell })))
  await Promise.all(ids.map(id => framework.until(id, 'TASK_RUNNING')))
  return ids
}

test('no launch call begins between a KILL and its first engine call, whatever waits', async t => {
  await using engine = await startSimEngine()
  using calls = recordMainThreadCalls()
  const log = logOfStops(id => { calls.mark(`KILL ${id}`) })
  await using agent = await startTestAgent(engine.socket, { createConcurrency: 1, stopConcurrency: 1, launchPauseLimit: '60s' }, log)
  const framework = await agent.subscribe()
  const victims = await running(framework, 5)
  const [last = ''] = victims.slice(-1)
  const name = framework.statuses.get(last)?.[0]?.container_status?.container_id?.value ?? ''
  await engine.fault('create', 'late', { ms: 20 })
  await engine.fault('kill', 'late', { ms: 100 })
  await framework.launch(...times(queued, () => ({ shell: 'true' })))
  await eventually(async () => await callsOf(engine, 'create') > 5)
  const createsBefore = await callsOf(engine, 'create')
  for (const id of victims) await framework.kill(id)           // their signals wait for one another
  await framework.end(last)
  const between = calls.launchCallsBetween(`KILL ${name}`, new RegExp(`^POST .*${name}/kill`))
  const waited = queued + victims.length - createsBefore
  t.diagnostic(`launch calls that began between the KILL's arrival and its first engine call, ${waited} launches waiting: ${between.length}`)
  assert.deepEqual(between, [])
  await engine.mend()
  framework.drop()
})

test('hung starts that fill their lane do not delay a kill', async t => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [victim = ''] = await running(framework, 1)
  await engine.fault('start', 'hang')
  const stuck = await framework.launch(...times(8, () => ({ shell: 'true' })))
  await eventually(async () => await callsOf(engine, 'start') === 5)
  const beganAt = performance.now()
  await framework.kill(victim)
  assert.match((await framework.end(victim)).message ?? '', /SIGTERM/)
  const tookMs = performance.now() - beganAt
  t.diagnostic(`from KILL to the last word: ${Math.round(tookMs)} ms`)
  assert.ok(tookMs < 10_000, 'a start may take minutes')
  await engine.mend()
  await engine.release()
  for (const id of stuck) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
})

for (const [told, isHung] of [['that waits behind others', false], ['at an engine that hangs', true]] as const) {
  test(`a kill of a launch ${told} ends it at once, and it is never begun`, async () => {
    await using engine = await startSimEngine()
    await using agent = await startTestAgent(engine.socket, { createConcurrency: 1 })
    const framework = await agent.subscribe()
    await engine.fault('create', isHung ? 'hang' : 'late', { ms: 6_000 })
    const [first = ''] = await framework.launch({ shell: 'true' })
    await eventually(async () => await callsOf(engine, 'create') === 1)
    const [second = '', last = ''] = await framework.launch(...times(2, () => ({ shell: 'true' })))
    await framework.until(last, 'TASK_STARTING')
    const beganAt = performance.now()
    await framework.kill(last)
    const { state, reason, message } = await framework.end(last)
    assert.ok(performance.now() - beganAt < 5_000, 'it did not wait for those before it')
    assert.deepEqual([state, reason, message], ['TASK_KILLED', 'REASON_TASK_KILLED_DURING_LAUNCH', 'Killed before it ran: create failed: killed'])
    await engine.mend()
    await engine.release()
    for (const id of [first, second]) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
    assert.equal(await callsOf(engine, 'create'), 2)
  })
}

test('launches that are killed while their starts hang leave their places in the end, and other launches go on', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { startTimeout: '1500ms' })
  const framework = await agent.subscribe()
  await engine.fault('start', 'hang', { times: 4 })
  const stuck = await framework.launch(...times(4, () => ({ shell: 'true' })))
  await eventually(async () => await callsOf(engine, 'start') === 4)
  for (const id of stuck) await framework.kill(id)
  for (const id of stuck) assert.equal((await framework.end(id)).state, 'TASK_KILLED')
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
  assert.equal(await agent.metric('slipway_overdue_operations'), 4)
  await engine.release()
  await eventually(async () => await agent.metric('slipway_overdue_operations') === 0)
})

test('forty containers that ignore SIGTERM, killed together with a grace of 3 s, are gone in under 12 s', async t => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const ids = await running(framework, 40, trapper)
  const beganAt = performance.now()
  await Promise.all(ids.map(id => framework.kill(id, 3_000)))
  for (const id of ids) assert.match((await framework.end(id)).message ?? '', /SIGKILL/)
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
  const tookMs = performance.now() - beganAt
  t.diagnostic(`40 containers gone after ${Math.round(tookMs)} ms`)
  assert.ok(tookMs < 12_000, 'one grace after the other would take two minutes')
})

test('a stream of kills does not starve launches', async t => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { launchPauseLimit: '200ms', stopConcurrency: 1 })
  const framework = await agent.subscribe()
  const victims = await running(framework, 60)
  await engine.fault('kill', 'late', { ms: 300 })
  await Promise.all(victims.map(id => framework.kill(id)))        // one after the other for eighteen seconds, without a gap
  const beganAt = performance.now()
  const ids = await framework.launch(...times(10, () => ({ shell: 'true' })))
  for (const id of ids) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  assert.equal(await agent.metric('slipway_stage_in_flight{stage="stop"}'), 1, 'the kills go on')
  t.diagnostic(`10 launches ended after ${Math.round(performance.now() - beganAt)} ms amid kills`)
  await engine.mend()
  for (const id of victims) assert.equal((await framework.end(id)).state, 'TASK_KILLED')
})

for (const [told, call] of [['its start is not answered yet', 'start'], ['it is being looked at after its start', 'inspect']] as const) {
  test(`a container that is killed while ${told} has its grace all the same`, async () => {
    await using engine = await startSimEngine()
    await using agent = await startTestAgent(engine.socket)
    const framework = await agent.subscribe('test', { capabilities: [{ type: 'TASK_KILLING_STATE' }] })
    await engine.fault(call, 'late', { ms: 1_000, times: 1, when: 'after' })
    const [id = ''] = await framework.launch({ shell: 'trap \'exit 9\' TERM; sleep 100', graceMs: 60_000 })
    await eventually(async () => (await engine.containers()).some(({ state }) => state === 'running'))
    await eventually(async () => await callsOf(engine, call) > 0)
    await framework.kill(id)
    const { state, message } = await framework.end(id)
    assert.deepEqual([state, message], ['TASK_KILLED', 'Container exited with status 9'])
    assert.deepEqual(framework.statuses.get(id)?.map(({ state }) => state).filter(state => state !== 'TASK_RUNNING'),
      ['TASK_STARTING', 'TASK_KILLING', 'TASK_KILLED'])
  })
}
