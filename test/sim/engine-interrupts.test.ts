import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthOf, toldWithinMs, untilEngineIs } from '../support/engine-health.ts'
import { eventually } from '../support/eventually.ts'
import { shortDeadlines } from '../support/fault-ground.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

/** And yet long enough for a busy machine. */
const shorterThanTheTrouble = { attachTimeout: '5s', startTimeout: '5s', createTimeout: '5s', launchTimeout: '30s' }
const patient = { attachTimeout: '30s', startTimeout: '30s', createTimeout: '30s', launchTimeout: '1m' }

test('launches and kills that an engine meets in their midst when it hangs or is killed each have one end, and nothing is left', async () => {
  // Half a minute each until it is said of those whose create was not answered that they may still run.
  await Promise.all([isInterrupted('hangs'), isInterrupted('is killed')])
})

async function isInterrupted (how: 'hangs' | 'is killed'): Promise<void> {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { ...shortDeadlines, ...shorterThanTheTrouble, engineWait: '2s', createConcurrency: 4 })
  const framework = await agent.subscribe()
  const old = await framework.launch(...Array.from({ length: 10 }, () => ({ shell: 'sleep 100' })))
  for (const id of old) await framework.until(id, 'TASK_RUNNING')
  const ids = await framework.launch(...Array.from({ length: 30 }, () => ({ shell: 'true' })))
  for (const id of old.slice(0, 5)) await framework.kill(id, 0)
  if (how === 'hangs') engine.pause()
  else await engine.kill()
  await untilEngineIs(agent, how === 'hangs' ? 'hung' : 'down')
  for (const id of old.slice(5)) await framework.kill(id, 0)
  for (const id of ids) await framework.end(id)
  if (how === 'hangs') engine.resume()
  else await engine.restart()
  await untilEngineIs(agent, 'up')
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) }, { withinMs: 60_000, reason: 'an engine without containers' })
  for (const id of [...ids, ...old]) {
    await framework.end(id)
    const ends = (framework.statuses.get(id) ?? []).filter(({ state }) => /FINISHED|FAILED|KILLED/.test(state))
    assert.equal(new Set(ends.map(({ uuid }) => Buffer.from(uuid ?? []).toString('hex'))).size, 1)
    assert.doesNotMatch(ends[0]?.message ?? '', /nobody could tell/)
  }
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
}

test('a container that cannot be killed or removed is told as stuck, and others go on', async () => {
  // Half a minute each until it is said that they may still run.
  await Promise.all([staysStuck('refuse'), staysStuck('hang')])
})

async function staysStuck (how: 'refuse' | 'hang'): Promise<void> {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { ...shortDeadlines, ...patient, removeTimeout: '5m' })
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'sleep 100' })
  await framework.until(id, 'TASK_RUNNING')
  const [{ name = '' } = {}] = await engine.containers()
  for (const call of ['kill', 'remove'] as const) await engine.fault(call, how, { match: name })
  await framework.kill(id)
  await eventually(async () => (await healthOf(agent))['stuck_containers'] === 1, { withinMs: toldWithinMs, reason: `a container that meets ${how}` })
  assert.equal(await agent.metric('slipway_stuck_containers'), 1)
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
  const { state, message } = await framework.end(id)
  assert.equal(state, 'TASK_FAILED')
  assert.match(message ?? '', /It may still run/)
  await engine.mend()
  await engine.release()
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) }, { withinMs: 60_000 })
  await eventually(async () => await agent.metric('slipway_stuck_containers') === 0)
}

test('a container whose removal hangs in the engine does not keep others from being removed', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { ...shortDeadlines, ...patient, removeTimeout: '5m', removeConcurrency: 1 })
  const framework = await agent.subscribe()
  const [stuck = ''] = await framework.launch({ shell: 'sleep 100' })
  await framework.until(stuck, 'TASK_RUNNING')
  const [{ name = '' } = {}] = await engine.containers()
  await engine.fault('remove', 'refuse', { match: name, status: 409, message: `removal of container ${name} is already in progress` })
  await framework.kill(stuck, 0)
  await eventually(async () => (await engine.calls()).some(({ call }) => call === 'remove'), { withinMs: 30_000, reason: 'its removal' })
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
  const left = async (): Promise<string[]> => (await engine.containers()).map(one => one.name)
  await eventually(async () => { assert.deepEqual(await left(), [name]) }, { withinMs: 30_000, reason: 'that the other is gone' })
  await engine.mend()
  await eventually(async () => { assert.deepEqual(await left(), []) }, { withinMs: 60_000, reason: 'that it is gone as well' })
})
