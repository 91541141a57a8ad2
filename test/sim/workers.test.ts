import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { sandboxOf } from '../support/agent-places.ts'
import { eventually } from '../support/eventually.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'
import { recordThreads } from '../support/threads.ts'

const ticker = 'while :; do echo tick; sleep 0.05; done'
const numbers = Array.from({ length: 60 }, (_, i) => `number ${i}`)
const counter = numbers.map(number => `echo ${number}; sleep 0.05`).join('; ')

function stdoutOf (agent: TestAgent, { frameworkId }: TestFramework, id: string): Promise<string> {
  return readFile(join(sandboxOf(agent.workDir, frameworkId, id), 'stdout'), 'utf8')
}

test('when the log worker is lost its containers go on, and nothing of their output is missing or there twice', async () => {
  using threads = recordThreads()
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const ids = await framework.launch(...Array.from({ length: 20 }, () => ({ shell: counter })))
  for (const id of ids) await eventually(async () => /number 1\n/.test(await stdoutOf(agent, framework, id)))
  await threads.terminate('logs')
  await eventually(async () => { assert.equal(await agent.metric('slipway_log_pipe_failures_total'), ids.length) })
  assert.equal(await agent.metric('slipway_worker_replacements_total{pool="logs",why="died"}'), 1)
  for (const id of ids) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  for (const id of ids) await eventually(async () => { assert.equal(await stdoutOf(agent, framework, id), `${numbers.join('\n')}\n`) })
  assert.equal(await agent.metric('slipway_log_gaps_total'), 0)
})

test('a container whose pipe loses its worker again and again goes on without one in the end', async () => {
  using threads = recordThreads()
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: ticker })
  await framework.until(id, 'TASK_RUNNING')
  for (let losses = 1; losses <= 4; losses++) {
    await eventually(async () => (await engine.containers())[0]?.attached === 1)
    await threads.terminate('logs')
    await eventually(async () => await agent.metric('slipway_log_pipe_failures_total') === losses)
  }
  await eventually(async () => await agent.metric('slipway_worker_jobs{pool="logs"}') === 0)
  assert.equal((await engine.containers())[0]?.state, 'running')
  await framework.kill(id)
  assert.equal((await framework.end(id)).state, 'TASK_KILLED')
})

test('a launch whose log worker is lost while it attaches fails there, and leaves nothing', async () => {
  using threads = recordThreads()
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await engine.fault('attach', 'hang')
  const [id = ''] = await framework.launch({ shell: 'true' })
  await eventually(async () => (await engine.calls()).some(({ call }) => call === 'attach'))
  await threads.terminate('logs')
  const { state, message = '' } = await framework.end(id)
  assert.equal(state, 'TASK_FAILED')
  assert.match(message, /attach failed: a logs worker was lost in the middle of its work \(died\)/)
  await engine.mend()
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
})

test('an isolate whose worker is lost is done by the next one', async () => {
  using threads = recordThreads()
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await threads.terminate('cgroup')
  assert.equal((await framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
  assert.equal(await agent.metric('slipway_isolations_total{finding="gone"}'), 1)
})

const image = 'registry.test/app:3'

async function pulls (engine: SimEngine): ReturnType<SimEngine['calls']> {
  return (await engine.calls()).filter(({ call }) => call === 'pull')
}

test('a pull whose worker is lost is repeated once by itself, and nobody who waits hears of it', async () => {
  using threads = recordThreads()
  await using engine = await startSimEngine()
  await engine.addRemoteImage(image, { layers: 2, chunkMs: 150 })
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const ids = await framework.launch(...Array.from({ length: 3 }, () => ({ image, shell: 'true' })))
  await eventually(async () => (await pulls(engine)).length === 1)
  await threads.terminate('pull')
  for (const id of ids) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  assert.deepEqual((await pulls(engine)).map(({ clientGone }) => clientGone), [true, false])
  assert.equal(await agent.metric('slipway_worker_replacements_total{pool="pull",why="died"}'), 1)
})

test('a pull that loses its worker twice fails, and says so', async () => {
  using threads = recordThreads()
  await using engine = await startSimEngine()
  await engine.addRemoteImage(image, { layers: 2, chunkMs: 2_500 })
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ image, shell: 'true' })
  for (const count of [1, 2]) {
    await eventually(async () => (await pulls(engine)).length === count)
    await threads.terminate('pull')
  }
  const { message = '', labels } = await framework.end(id)
  assert.match(message, /pull failed: .*a pull worker was lost in the middle of its work/)
  assert.equal(labels?.labels?.[0]?.value, 'WORKER_DIED')
})
