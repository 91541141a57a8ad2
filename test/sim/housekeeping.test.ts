import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

/** Everything that may go, goes at once. */
const eager = { gcDelay: '0s', diskWatchInterval: '50ms' } as const

function runsOf (agent: TestAgent, framework: TestFramework, taskId: string): string {
  return join(agent.workDir, 'slaves', `${agent.instanceId}-S0`, 'frameworks', framework.frameworkId, 'executors', taskId, 'runs')
}

/** Until the agent has looked that often again. */
async function looks (agent: TestAgent, times: number): Promise<void> {
  const work = async (): Promise<number> => await agent.metric('slipway_sandbox_removals_total{outcome="ok"}')
  const before = await work()
  for (let at = 0; at < times; at++) {
    mkdirSync(join(agent.workDir, 'slaves/x/frameworks/x/executors/x/runs', `old-${at}`), { recursive: true })
    await eventually(async () => await work() > before + at)
  }
}

test('the sandbox of a task that has ended goes when it is old enough, and that of one that runs stays', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, eager)
  const framework = await agent.subscribe()
  const [running = ''] = await framework.launch({ id: 'running', shell: 'echo here; sleep 100' })
  await framework.until(running, 'TASK_RUNNING')
  const { state } = await framework.run({ id: 'over', shell: 'true' })
  assert.equal(state, 'TASK_FINISHED')
  await eventually(() => !existsSync(runsOf(agent, framework, 'over')))
  await looks(agent, 3)
  assert.deepEqual(readdirSync(join(runsOf(agent, framework, 'running'), 'latest')).sort(), ['stderr', 'stdout'])
  assert.equal((await agent.get('/slipway/v1/logs/over')).status, 404)
  assert.equal(await agent.metric('slipway_sandboxes_kept'), 0)
  await framework.kill(running, 0)
  await framework.end(running)
  await eventually(() => !existsSync(runsOf(agent, framework, 'running')))
})

test('launches that come while everything goes find their folders all the same', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { ...eager, diskWatchInterval: '10ms' })
  const framework = await agent.subscribe()
  for (let round = 0; round < 30; round++) assert.equal((await framework.run({ id: 'again', shell: 'true' })).state, 'TASK_FINISHED')
})

test('sandboxes of an earlier run go as well, what a fetch left in a young one goes alone, and a young one stays', async () => {
  await using engine = await startSimEngine()
  const workDir = mkdtempSync(join(tmpdir(), 'slipway-earlier-'))
  const runs = join(workDir, 'slaves/earlier-S0/frameworks/f/executors/e/runs')
  const make = (name: string): void => {
    mkdirSync(join(runs, name, '.slipway-fetch-left'), { recursive: true })
    writeFileSync(join(runs, name, 'stdout'), '')
  }
  try {
    make('.gc-half')
    make('young')
    await using agent = await startTestAgent(engine.socket, { workDir, gcDelay: '1h', diskWatchInterval: '50ms' })
    await eventually(() => { assert.deepEqual(readdirSync(join(runs, 'young')), ['stdout']) })
    await eventually(() => { assert.deepEqual(readdirSync(runs), ['young']) })
    await eventually(async () => await agent.metric('slipway_sandboxes_kept') === 1)
    assert.ok(await agent.metric('slipway_sandbox_max_age_seconds') <= 3_600)
    assert.ok(await agent.metric('slipway_work_dir_disk_used_ratio') > 0)
  } finally {
    rmSync(workDir, { recursive: true, force: true })
  }
})

test('images go that nobody uses, wants or keeps, when the engine\'s disk is too full, and no others', async () => {
  await using engine = await startSimEngine({ images: ['busybox:latest', 'old:1', 'kept:1', 'kept:2', 'registry.test/team/tool:7', 'wanted:1'] })
  await engine.addRemoteImage('registry.test/slow:1', { layers: 2, chunkMs: 500 })
  await engine.addRemoteImage('busybox:latest')       // it may go before the task comes
  const settings = { imageGcHigh: 0, imageGcLow: 0, imageGcInterval: '100ms', imageGcKeep: 'kept,registry.test/team/*' }
  await using agent = await startTestAgent(engine.socket, settings)
  const framework = await agent.subscribe()
  const wishes = [{ shell: 'sleep 100', image: 'docker.io/library/busybox' }, { shell: 'true', image: 'registry.test/slow:1' }]
  const [id = '', slow = ''] = await framework.launch(...wishes)
  await framework.until(id, 'TASK_RUNNING')
  assert.equal((await framework.end(slow)).state, 'TASK_FINISHED', 'an image that is being pulled and used is there when it is needed')
  const kept = ['busybox:latest', 'kept:1', 'kept:2', 'registry.test/team/tool:7']
  await eventually(async () => { assert.deepEqual((await engine.images()).sort(), kept) })
  assert.ok(await agent.metric('slipway_image_removals_total{outcome="ok"}') >= 3)
})

test('images are kept where nobody asked for their removal', async () => {
  await using engine = await startSimEngine({ images: ['busybox:latest', 'old:1'] })
  await using agent = await startTestAgent(engine.socket, eager)
  await looks(agent, 3)
  assert.deepEqual((await engine.images()).sort(), ['busybox:latest', 'old:1'])
  assert.deepEqual((await engine.calls()).filter(({ call }) => call === 'info' || call === 'listImages'), [])
})

test('water marks and exceptions that cannot be meant keep the agent from starting, and are named', async () => {
  await using engine = await startSimEngine()
  await assert.rejects(startTestAgent(engine.socket, { imageGcHigh: 0.7, imageGcLow: '90%' }), { code: 'SETTING_INVALID', message: /imageGcLow \(0\.9\)/ })
  await assert.rejects(startTestAgent(engine.socket, { imageGcHigh: 0.9, imageGcKeep: 'NO:IMAGE' }), { code: 'SETTING_INVALID', message: /imageGcKeep/ })
})
