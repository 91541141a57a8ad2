import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanup } from '../../src/cleanup.ts'
import type { CleanupOptions } from '../../src/cli/program.ts'
import { UsageError } from '../../src/cli/report.ts'
import { labels } from '../../src/model/container-spec.ts'
import { askEngine } from '../support/engine-api.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

async function run (engine: SimEngine, options: CleanupOptions = {}): Promise<{ code: number, told: string }> {
  let told = ''
  const code = await cleanup({ dockerSocket: engine.socket, ...options }, text => { told += text })
  return { code, told }
}

/** A container as an agent that is no more has left it. */
async function leave (engine: SimEngine, name: string, words: Record<string, string>, isStarted = false): Promise<void> {
  const body = { Image: 'busybox:latest', Entrypoint: ['/bin/sh'], Cmd: ['-c', 'sleep 100'], Labels: words }
  await askEngine(engine.socket, `POST /containers/create?name=${name}`, { body })
  if (isStarted) await askEngine(engine.socket, `POST /containers/${name}/start`)
}

async function leaveTwoInstances (engine: SimEngine): Promise<void> {
  await leave(engine, 'mesos-1', { [labels.agent]: 'gone', [labels.task]: 'web' }, true)
  await leave(engine, 'mesos-2', { [labels.agent]: 'gone', [labels.task]: 'db' })
  await leave(engine, 'mesos-3', { [labels.agent]: 'gone-2' })
  await leave(engine, 'mesos-4', {})
}

const namesOn = async (engine: SimEngine): Promise<string[]> => (await engine.containers()).map(({ name }) => name).sort()

test('without an instance it lists those on the engine, with their containers by state, and touches nothing', async () => {
  await using engine = await startSimEngine()
  await leaveTwoInstances(engine)
  const { code, told } = await run(engine, { json: true })
  const { instances } = JSON.parse(told) as { instances: Array<{ instance: string }> }
  assert.equal(code, 0)
  assert.deepEqual(instances.sort((a, b) => a.instance < b.instance ? -1 : 1), [
    { instance: 'gone', agent_runs: false, containers: { running: 1, created: 1 } },
    { instance: 'gone-2', agent_runs: false, containers: { created: 1 } },
  ])
  assert.match((await run(engine)).told, /^gone-2 +- +1 created$/m)
  assert.deepEqual(await namesOn(engine), ['mesos-1', 'mesos-2', 'mesos-3', 'mesos-4'])
})

test('with an instance it removes that one\'s containers, running ones too, says which, and does it twice as well as once', async () => {
  await using engine = await startSimEngine()
  await leaveTwoInstances(engine)
  const { code, told } = await run(engine, { instance: 'gone' })
  assert.equal(code, 0)
  assert.deepEqual(told.trim().split('\n').sort(), ['2 of 2 removed.', 'removed mesos-1 (running, task web)', 'removed mesos-2 (created, task db)'])
  assert.deepEqual(await namesOn(engine), ['mesos-3', 'mesos-4'])
  assert.deepEqual(await run(engine, { instance: 'gone' }), { code: 0, told: 'Instance gone has no containers on this engine.\n' })
})

test('networks that were made for the instance\'s tasks go with its containers', async () => {
  await using engine = await startSimEngine()
  await leave(engine, 'mesos-1', { [labels.agent]: 'gone' })
  for (const [name, agent] of [['slipway.0.app', 'gone'], ['slipway.1.app', 'other']] as const) {
    await askEngine(engine.socket, 'POST /networks/create', { body: { Name: name, Labels: { [labels.agent]: agent } } })
  }
  const { code, told } = await run(engine, { instance: 'gone' })
  assert.deepEqual([code, told.trim().split('\n').slice(1)], [0, ['1 of 1 removed.', 'removed network slipway.0.app']])
  assert.deepEqual((await engine.networks()).map(({ name }) => name), ['slipway.1.app'])
})

test('it refuses while an agent of the instance runs, and removes what is left when that is gone', async () => {
  await using engine = await startSimEngine()
  const agent = await startTestAgent(engine.socket)
  const { instanceId } = agent
  {
    await using _running = agent
    const framework = await agent.subscribe()
    const [id = ''] = await framework.launch({ shell: 'sleep 100' })
    await framework.until(id, 'TASK_RUNNING')
    await assert.rejects(run(engine, { instance: instanceId }), { code: 'LOCKED', message: new RegExp(instanceId) })
    assert.match((await run(engine)).told, new RegExp(`^${instanceId} +running +1 running$`, 'm'))
    assert.equal((await namesOn(engine)).length, 1)
  }
  await leave(engine, 'mesos-late', { [labels.agent]: instanceId })
  assert.equal((await run(engine, { instance: instanceId })).code, 0)
  assert.deepEqual(await namesOn(engine), [])
})

test('a container that cannot be removed is named with the reason, does not keep the others, and makes the exit code 1', async () => {
  await using engine = await startSimEngine()
  await leaveTwoInstances(engine)
  await engine.fault('remove', 'refuse', { times: 1, message: 'device is busy' })
  const { code, told } = await run(engine, { instance: 'gone', json: true })
  const { containers } = JSON.parse(told) as { containers: Array<{ error?: string }> }
  assert.equal(code, 1)
  assert.deepEqual(containers.map(({ error }) => error?.includes('device is busy') ?? false).sort(), [false, true])
  assert.equal((await namesOn(engine)).length, 3)
  assert.equal((await run(engine, { instance: 'gone' })).code, 0)
})

test('an engine that does not answer and an id that cannot be one are told', async () => {
  await using engine = await startSimEngine()
  await assert.rejects(run(engine, { instance: '../x' }), UsageError)
  await engine.kill()
  await assert.rejects(run(engine), { code: 'ENGINE_DOWN' })
})

test('a removal that is under way, and takes its time, is waited for', async () => {
  await using engine = await startSimEngine()
  await leave(engine, 'mesos-1', { [labels.agent]: 'gone' })
  // More of them than one call asks.
  await engine.fault('remove', 'refuse', { status: 409, message: 'removal of container mesos-1 is already in progress', times: 18 })
  const { code, told } = await run(engine, { instance: 'gone' })
  assert.deepEqual([code, await namesOn(engine)], [0, []], told)
})
