import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { instanceOf } from '../support/agent-places.ts'
import { eventually } from '../support/eventually.ts'
import { keptRecords } from '../support/kept-records.ts'
import { startOwnAgent, type OwnAgent } from '../support/own-agent.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import type { TestFramework } from '../support/test-framework.ts'

const terminal = new Set(['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST'])

interface Ground extends AsyncDisposable { engine: SimEngine, agent: OwnAgent, framework: TestFramework }

async function startGround (settings = {}): Promise<Ground> {
  const engine = await startSimEngine()
  const agent = await startOwnAgent(engine.socket, settings)
  const framework = await agent.subscribe()
  return {
    engine, agent, framework,
    async [Symbol.asyncDispose] () {
      await agent[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

/** kill -9, and another agent on the same work directory; the framework comes back to it. */
async function restart ({ agent, framework }: Ground, { isDeaf = false } = {}): Promise<TestFramework> {
  await agent.kill('SIGKILL')
  await agent.start()
  return await agent.subscribe({ id: { value: framework.frameworkId } }, isDeaf)
}

async function running (framework: TestFramework, ...shells: string[]): Promise<string[]> {
  const ids = await framework.launch(...shells.map(shell => ({ shell })))
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  return ids
}

/** All updates that told an end, of both lives of a framework; the same uuid once. */
function ends (taskId: string, ...lives: TestFramework[]): v1.TaskStatus[] {
  const all = lives.flatMap(life => life.statuses.get(taskId) ?? []).filter(({ state }) => terminal.has(state))
  return [...new Map(all.map(status => [uuidOf(status), status])).values()]
}

function uuidOf ({ uuid = new Uint8Array() }: v1.TaskStatus): string {
  return Buffer.from(uuid).toString('hex')
}

async function nothingOnTheEngine ({ engine }: Ground): Promise<void> {
  await eventually(async () => { assert.deepEqual((await engine.containers()).map(({ name }) => name), []) })
}

test('tasks that run go on over a kill -9 of the agent, are told once, and end as if nothing had been', async () => {
  await using ground = await startGround()
  const { engine, framework, agent } = ground
  const ids = await running(framework, 'sleep 1000', 'sleep 1000', 'sleep 1000')
  const [killed = '', left = '', failed = ''] = ids
  const before = await engine.containers()
  const again = await restart(ground)
  assert.deepEqual((await engine.containers()).map(({ id, state }) => [id, state]), before.map(({ id, state }) => [id, state]))
  assert.equal(await agent.metric('slipway_recovered_containers_total{verdict="adopt"}'), 3)
  const nameOf = (id: string): string => `mesos-${framework.statuses.get(id)?.[0]?.container_status?.container_id?.value}`
  await again.kill(killed)
  await engine.exit(nameOf(left), 0)
  await engine.exit(nameOf(failed), 3)
  assert.deepEqual((await Promise.all(ids.map(id => again.end(id)))).map(({ state }) => state), ['TASK_KILLED', 'TASK_FINISHED', 'TASK_FAILED'])
  for (const id of ids) assert.equal(ends(id, framework, again).length, 1)
  const told = new Set([...framework.statuses.values()].flat().map(uuidOf))
  const more = [...again.statuses.values()].flat().filter(status => !terminal.has(status.state) && !told.has(uuidOf(status)))
  assert.deepEqual(more, [], 'what was told is told again at most')
  await nothingOnTheEngine(ground)
  await eventually(async () => { assert.equal(await agent.metric('slipway_containers{state="running"}'), 0) })
  assert.deepEqual(again.offers.length > 0 || await again.launch({ shell: 'true' }).then(() => true), true, 'its resources are free again')
})

test('what ended while there was no agent is told with its exit status', async () => {
  await using ground = await startGround()
  const { engine, agent, framework } = ground
  const [well = '', badly = '', gone = ''] = await running(framework, 'sleep 1000', 'sleep 1000', 'sleep 1000')
  const nameOf = (id: string): string => `mesos-${framework.statuses.get(id)?.[0]?.container_status?.container_id?.value}`
  await agent.kill('SIGKILL')
  await engine.exit(nameOf(well), 0)
  await engine.exit(nameOf(badly), 7)
  await removeBehindOurBack(engine, nameOf(gone))
  const again = await restart(ground)
  assert.equal((await again.end(well)).state, 'TASK_FINISHED')
  assert.match((await again.end(badly)).message ?? '', /exited with status 7/)
  assert.match((await again.end(gone)).message ?? '', /gone when the agent came back/)
  await nothingOnTheEngine(ground)
})

test('an update that nobody acknowledged is told again after a kill -9, with the same uuid', async () => {
  await using ground = await startGround()
  const { engine, agent, framework } = ground
  const [id = ''] = await running(framework, 'sleep 1000')
  framework.isDeaf = true
  await engine.exit((await engine.containers())[0]?.id ?? '', 5)
  const told = await framework.end(id)
  const deaf = await restart(ground, { isDeaf: true })
  const again = await restart(ground)
  for (const life of [deaf, again]) assert.match((await life.end(id)).message ?? '', /exited with status 5/)
  assert.deepEqual(ends(id, framework, deaf, again), [told])
  await eventually(async () => { assert.deepEqual((await keptRecords(agent.workDir)).update, {}) }, { withinMs: 30_000 })
  const last = await restart(ground)
  await last.run({ shell: 'true' })
  assert.deepEqual(ends(id, last), [], 'it was acknowledged')
})

for (const [call, when] of [['create', 'before'], ['create', 'after'], ['start', 'before'], ['start', 'after'], ['attach', 'before']] as const) {
  test(`a launch that is cut off by a kill -9 ${when === 'before' ? 'before' : 'after'} its ${call} has one truth, and leaves nothing`, async () => {
    await using ground = await startGround()
    const { engine, framework } = ground
    await engine.fault(call, 'hang', { times: 1, when })
    const [id = ''] = await framework.launch({ shell: 'sleep 1000' })
    await eventually(async () => (await engine.calls()).some(one => one.call === call))
    const again = await restart(ground)
    await engine.release()
    if (call === 'start' && when === 'after') {
      await again.until(id, 'TASK_RUNNING')
      await again.kill(id)
      assert.equal((await again.end(id)).state, 'TASK_KILLED')
    } else {
      const end = await again.end(id)
      assert.deepEqual([end.state, end.labels?.labels?.find(({ key }) => key === 'slipway.error_code')?.value], ['TASK_FAILED', 'AGENT_RESTARTED'])
    }
    assert.equal(ends(id, framework, again).length, 1)
    await nothingOnTheEngine(ground)
  })
}

test('a kill goes on where it was when the agent was killed: the grace is not begun anew', async () => {
  await using ground = await startGround()
  const { engine, framework, agent } = ground
  const [id = ''] = await running(framework, 'trap "" TERM; while :; do sleep 0.1; done')
  await framework.kill(id, 4_000)
  const killedAt = performance.now()
  await eventually(async () => (await engine.calls()).some(({ call }) => call === 'kill'))
  await eventually(() => performance.now() - killedAt > 1_500)
  const again = await restart(ground)
  assert.equal((await again.end(id)).state, 'TASK_KILLED')
  const tookMs = performance.now() - killedAt
  assert.ok(tookMs > 3_500, `it had no grace: ${tookMs} ms`)
  assert.ok(tookMs < 5_400 + 2_000, `the grace began anew: ${tookMs} ms`)
  assert.ok(agent.log().some(({ msg, was, verdict }) => msg === 'a container of an earlier run' && was === 'stopping' && verdict === 'adopt'))
  await nothingOnTheEngine(ground)
})

test('max_completion_time goes on counting while there is no agent', async () => {
  await using ground = await startGround()
  const { framework } = ground
  const [id = ''] = await framework.launch({ shell: 'sleep 1000', info: { max_completion_time: { nanoseconds: 1.5e9 } } })
  await framework.until(id, 'TASK_RUNNING')
  const again = await restart(ground)
  assert.equal((await again.end(id)).reason, 'REASON_MAX_COMPLETION_TIME_REACHED')
})

test('containers with our label and without a record are removed at the start, others are left alone', async () => {
  await using ground = await startGround()
  const { engine, agent, framework } = ground
  await running(framework, 'sleep 1000')
  await agent.kill('SIGKILL')
  const instanceId = instanceOf(agent.workDir)
  await plant(engine, 'mesos-orphan', { 'slipway.agent': instanceId, 'slipway.container': 'orphan' })
  await plant(engine, 'mesos-other', { 'slipway.agent': 'somebody-else' })
  await plant(engine, 'user', {})
  await agent.start()
  await eventually(async () => {
    const names = (await engine.containers()).map(({ name }) => name)
    assert.ok(!names.includes('mesos-orphan'))
    assert.deepEqual([names.includes('mesos-other'), names.includes('user'), names.length], [true, true, 3])
  })
})

test('an engine that cannot inspect one container does not keep the others from being recovered', async () => {
  await using ground = await startGround()
  const { engine, agent, framework } = ground
  const ids = await running(framework, 'sleep 1000', 'sleep 1000')
  await agent.kill('SIGKILL')
  await engine.fault('inspect', 'hang', { times: 1 })
  const again = await restart(ground)
  assert.equal((await agent.get('/health')).status, 200)
  for (const id of ids) await again.kill(id)
  for (const id of ids) assert.equal((await again.end(id)).state, 'TASK_KILLED')
  await engine.release()
})

test('an engine that is down while the agent starts changes nothing: its containers are found when it is back', async () => {
  await using ground = await startGround()
  const { engine, agent, framework } = ground
  const [id = ''] = await running(framework, 'sleep 1000')
  await agent.kill('SIGKILL')
  await engine.kill()
  await agent.start()
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  assert.match((await agent.get('/health')).text, /"engine":"down"/)
  await engine.restart()
  await eventually(async () => { assert.equal(await agent.metric('slipway_recovered_containers_total{verdict="adopt"}'), 1) })
  await again.kill(id)
  assert.equal((await again.end(id)).state, 'TASK_KILLED')
})

test('a framework that does not come back in its time loses its tasks', async () => {
  await using ground = await startGround()
  const { agent, framework } = ground
  const short = await agent.subscribe({ failover_timeout: 1 })
  const [theirs = ''] = await running(short, 'sleep 1000')
  await running(framework, 'sleep 1000')
  short.drop()
  const isGone = async (): Promise<boolean> => 'goneSince' in ((await keptRecords(agent.workDir)).framework[short.frameworkId] ?? {})
  await eventually(isGone, { withinMs: 30_000, reason: 'that it is written down to be gone' })
  await agent.kill('SIGKILL')
  await agent.start()
  await eventually(async () => { assert.equal((await ground.engine.containers()).filter(({ state }) => state === 'running').length, 1) }, { withinMs: 30_000 })
  const tasks = JSON.parse((await agent.get('/slipway/v1/containers')).text) as { containers: Array<{ task_id: string, state: string }> }
  assert.ok(!tasks.containers.some(({ task_id: id, state }) => id === theirs && state === 'running'))
})

async function removeBehindOurBack (engine: SimEngine, name: string): Promise<void> {
  const { default: Docker } = await import('dockerode')
  await new Docker({ socketPath: engine.socket }).getContainer(name).remove({ force: true })
}

async function plant (engine: SimEngine, name: string, labels: Record<string, string>): Promise<void> {
  const { default: Docker } = await import('dockerode')
  const container = await new Docker({ socketPath: engine.socket }).createContainer({ name, Image: 'busybox:latest', Cmd: ['sleep', '100'], Labels: labels })
  await container.start()
}
