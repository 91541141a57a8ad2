import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { askEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { nothingLeft } from '../support/nothing-left.ts'
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts'
import { needsPrivateEngine } from '../support/requires.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

const { skip } = needsPrivateEngine()
const graceMs = 1_000
/** What a kill may take beyond its grace while the engine hangs, and what a machine with other things to do may add. */
const slackMs = 1_000
const busyMs = 2_000
const obedient = 'trap "exit 5" TERM; while :; do sleep 0.1; done'
const stubborn = 'trap "" TERM; while :; do sleep 0.1; done'

let engine: PrivateEngine
let agent: TestAgent
let framework: TestFramework
let image: string

before(async () => {
  if (skip !== false) return
  engine = await startPrivateEngine()
  image = await ensureBusybox(engine.socket)
  agent = await startTestAgent(engine.socket)
  framework = await agent.subscribe()
})

after(async () => {
  if (skip !== false) return
  await agent[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
})

async function conditionIs (condition: string): Promise<void> {
  const now = async (): Promise<unknown> => (JSON.parse((await agent.get('/health')).text) as { engine: string }).engine
  await eventually(async () => await now() === condition, { reason: `an engine that is ${condition}` })
}

/** Launches a task; its id and the pid of its first process. */
async function start (shell: string, network: 'HOST' | 'BRIDGE' = 'HOST'): Promise<{ id: string, pid: number }> {
  const [id = ''] = await framework.launch({ image, shell, network, graceMs })
  const { data } = await framework.until(id, 'TASK_RUNNING')
  const [{ State: { Pid: pid } }] = JSON.parse(Buffer.from(data ?? []).toString()) as [{ State: { Pid: number } }]
  return { id, pid }
}

const runs = (pid: number): boolean => existsSync(`/proc/${pid}`)

for (const [shell, network, told, atLeastMs] of [
  [obedient, 'BRIDGE', 'heeds SIGTERM', 0],
  [stubborn, 'HOST', 'ignores SIGTERM', graceMs],
] as const) {
  test(`a task that ${told} is killed while its engine hangs, and its container is removed when that answers again`, { skip }, async t => {
    const { id, pid } = await start(shell, network)
    engine.pause()
    try {
      const killedAt = performance.now()
      await framework.kill(id)
      await eventually(() => !runs(pid), { reason: 'the end of its process' })
      const tookMs = performance.now() - killedAt
      t.diagnostic(`from KILL to the end of the last process: ${Math.round(tookMs)} ms, with a grace of ${graceMs} ms`)
      assert.ok(tookMs >= atLeastMs, `it had ${tookMs} ms of its grace`)
      assert.ok(tookMs < graceMs + slackMs + busyMs, `it took ${tookMs} ms`)
      const { state, message } = await framework.end(id)
      assert.deepEqual([state, message], ['TASK_KILLED', 'Killed past the engine, which does not answer; its exit status is not known'])
    } finally {
      engine.resume()
    }
    await nothingLeft(engine.socket, agent.instanceId)
  })
}

test('forty tasks are killed at once while their engine hangs, and no process outlives its grace by much', { skip }, async t => {
  const wishes = Array.from({ length: 40 }, () => ({ image, cpus: 0.1, mem: 16, shell: stubborn, graceMs }))
  const ids = await framework.launch(...wishes)
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  const pids = await Promise.all((await askEngine<Array<{ Id: string }>>(engine.socket, 'GET /containers/json')).map(async ({ Id }) =>
    (await askEngine<{ State: { Pid: number } }>(engine.socket, `GET /containers/${Id}/json`)).State.Pid))
  assert.equal(pids.length, 40)
  engine.pause()
  try {
    const killedAt = performance.now()
    await Promise.all(ids.map(id => framework.kill(id)))
    await eventually(() => !pids.some(runs), { reason: 'the end of their processes' })
    const tookMs = performance.now() - killedAt
    t.diagnostic(`from KILL to the end of the last process: ${Math.round(tookMs)} ms, with a grace of ${graceMs} ms`)
    assert.ok(tookMs < graceMs + slackMs + busyMs, `it took ${tookMs} ms`)
    for (const id of ids) assert.equal((await framework.end(id)).state, 'TASK_KILLED')
  } finally {
    engine.resume()
  }
  await nothingLeft(engine.socket, agent.instanceId)
})

test('a task is killed while its engine is gone altogether; the next engine finds nothing to do but to remove it', { skip }, async () => {
  const { id, pid } = await start(stubborn)
  await engine.kill9()
  await conditionIs('down')
  await framework.kill(id)
  assert.equal((await framework.end(id)).state, 'TASK_KILLED')
  assert.equal(runs(pid), false)
  await engine.startEngine()
  await conditionIs('up')
  await nothingLeft(engine.socket, agent.instanceId)
})

test('tasks outlive an engine that is killed and started again; their ends are told as they were', { skip }, async () => {
  const { id: long } = await start('sleep 2; exit 3')
  const { id: short } = await start('sleep 0.5; exit 4')
  await engine.kill9()
  await conditionIs('down')
  const [waiting = ''] = await framework.launch({ image, shell: 'exit 6' })
  await engine.startEngine()
  for (const [id, code] of [[long, 3], [short, 4], [waiting, 6]] as const) {
    assert.equal((await framework.end(id)).message, `Container exited with status ${code}`)
  }
  await nothingLeft(engine.socket, agent.instanceId)
})

test('an engine that hangs and goes on is told of, tasks end with their own status, and what they wrote is there', { skip }, async () => {
  const { id } = await start('sleep 1; echo late words; exit 7')
  engine.pause()
  try {
    await conditionIs('hung')
    const { status } = await agent.get('/slipway/v1/containers')
    assert.equal(status, 200)
  } finally {
    engine.resume()
  }
  await conditionIs('up')
  assert.equal((await framework.end(id)).message, 'Container exited with status 7')
  await eventually(async () => { assert.equal((await agent.get(`/slipway/v1/logs/${id}`)).text, 'late words\n') })
  await nothingLeft(engine.socket, agent.instanceId)
})

const statusLost = 'Failed to get exit status of container: the engine died before it had written it down'

for (const how of ['hangs', 'is killed and started again'] as const) {
  test(`an engine that ${how} in the middle of launches leaves each of them one end, and nothing behind`, { skip }, async () => {
    const ids = await framework.launch(...Array.from({ length: 20 }, () => ({ image, mem: 16, shell: 'exit 9' })))
    await framework.until(ids[2] ?? '', 'TASK_STARTING')
    if (how === 'hangs') engine.pause()
    else await engine.kill9()
    await conditionIs(how === 'hangs' ? 'hung' : 'down')
    if (how === 'hangs') engine.resume()
    else await engine.startEngine()
    for (const id of ids) {
      const { message } = await framework.end(id)
      if (how !== 'hangs' && message === statusLost) continue
      assert.match(message ?? '', /^Container exited with status 9$|^Failed to launch container: (pull|create|attach|start) failed: .*(the engine did not answer|ECONNRESET|socket hang up)/)
    }
    await nothingLeft(engine.socket, agent.instanceId)
  })
}

test('the tasks of an engine that takes its containers along end for that reason, and new ones are launched when it is back', { skip }, async () => {
  await using own = await startPrivateEngine({ liveRestore: false })
  const its = await ensureBusybox(own.socket)
  await using agent = await startTestAgent(own.socket)
  const framework = await agent.subscribe()
  for (const end of ['stopEngine', 'kill9'] as const) {
    const [id = ''] = await framework.launch({ image: its, shell: 'trap "exit 5" TERM; while :; do sleep 0.1; done' })
    await framework.until(id, 'TASK_RUNNING')
    await own[end]()
    await own.startEngine()
    const { state, message } = await framework.end(id)
    assert.equal(state, 'TASK_FAILED')
    assert.match(message ?? '', /^Container exited with status \d+/)
    assert.equal((await framework.run({ image: its, shell: 'true' })).state, 'TASK_FINISHED')
  }
  await nothingLeft(own.socket, agent.instanceId)
})
