import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { executor, v1 } from '../../src/wire/messages.ts'
import { DriverExecutor } from '../support/driver-executor.ts'
import { eventually } from '../support/eventually.ts'
import { ExecutorClient, executorEnvironment, type Environment } from '../support/executor-client.ts'
import { executorInfo, taskOf } from '../support/executor-infos.ts'
import { keptRecords } from '../support/kept-records.ts'
import { startOwnAgent, type OwnAgent } from '../support/own-agent.ts'
import { PretendedOwners } from '../support/pretended-owners.ts'
import { RestartingAgent } from '../support/restarting-agent.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import type { TestSettings } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

type Ground = AsyncDisposable & { engine: SimEngine, agent: OwnAgent, framework: TestFramework, environment: Environment, client: ExecutorClient }

const aware = { checkpoint: true, capabilities: [{ type: 'PARTITION_AWARE' }] }
const patient = { executorReregistrationTimeout: '20s', executorShutdownGracePeriod: '1s' }

/** An executor that has subscribed, with these tasks in its hands. */
async function startGround (tasks: readonly string[], settings: TestSettings = patient): Promise<Ground> {
  const engine = await startSimEngine()
  const agent = await startOwnAgent(engine.socket, settings)
  const framework = await agent.subscribe(aware)
  const info = executorInfo('exec-recover')
  await framework.launch(...tasks.map(id => taskOf(info, id)))
  const environment = await executorEnvironment(engine.socket, 'exec-recover')
  const client = await new ExecutorClient(environment).subscribe()
  for (let count = 0; count < tasks.length; count++) await client.next('LAUNCH')
  return {
    engine, agent, framework, environment, client,
    async [Symbol.asyncDispose] () {
      client.drop()
      await agent[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

/** The executor's tasks all have been told to run, and it has heard that they were. */
async function reportRunning ({ client, framework }: Ground, ...tasks: readonly string[]): Promise<void> {
  for (const id of tasks) {
    await client.update(id, 'TASK_RUNNING')
    await client.next('ACKNOWLEDGED')
    await framework.until(id, 'TASK_RUNNING')
  }
}

/** Another agent in the place of the one that ended, with the framework subscribed to it. */
async function restart ({ agent, framework }: Ground, signal: NodeJS.Signals): Promise<TestFramework> {
  const { port } = new URL(agent.url())
  await agent.kill(signal)
  await agent.start({ port: Number(port) })
  return await agent.subscribe({ ...aware, id: { value: framework.frameworkId } })
}

async function nothingLeft ({ engine, agent }: Ground): Promise<void> {
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) }, { withinMs: 20_000 })
  await eventually(async () => { assert.equal(await agent.metric('slipway_containers{state="running"}'), 0) })
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`an executor comes back after a ${signal} of the agent, and does all that it did before`, { timeout: 120_000 }, async () => {
    await using ground = await startGround(['one', 'two'])
    const { engine, agent, environment, framework } = ground
    await reportRunning(ground, 'one', 'two')
    const before = await engine.containers()
    const again = await restart(ground, signal)
    const client = await new ExecutorClient(environment).subscribe()
    const { subscribed } = await client.next('SUBSCRIBED')
    assert.deepEqual([subscribed?.executor_info.executor_id.value, subscribed?.framework_info.id?.value], ['exec-recover', framework.frameworkId])
    assert.deepEqual((await engine.containers()).map(({ id, state }) => [id, state]), before.map(({ id, state }) => [id, state]))

    const aim = { agent_id: subscribed!.agent_info.id, executor_id: { value: 'exec-recover' } }
    await again.call('MESSAGE', { message: { ...aim, data: Buffer.from('hello').toString('base64') } })
    assert.equal(Buffer.from((await client.next('MESSAGE')).message?.data ?? []).toString(), 'hello')
    await client.say('heard')
    await eventually(() => { assert.deepEqual(again.messages, ['heard']) })
    await again.launch(taskOf(executorInfo('exec-recover'), 'three'))
    assert.equal((await client.next('LAUNCH')).launch?.task.task_id.value, 'three')
    await again.kill('one')
    assert.equal((await client.next('KILL')).kill?.task_id.value, 'one')
    await client.update('one', 'TASK_KILLED')
    await client.update('two', 'TASK_FINISHED')
    await client.update('three', 'TASK_FINISHED')
    assert.deepEqual((await Promise.all(['one', 'two', 'three'].map(id => again.end(id)))).map(({ state }) => state),
      ['TASK_KILLED', 'TASK_FINISHED', 'TASK_FINISHED'])
    await again.call('SHUTDOWN', { shutdown: aim })
    await client.next('SHUTDOWN')
    await nothingLeft(ground)
    await eventually(() => freeCpus(again) === 64, { reason: 'all resources to be free', withinMs: 20_000 })
    await nothingWritten(agent)
  })
}

test('what an executor brings along is taken in once, told once, and acknowledged', { timeout: 120_000 }, async () => {
  await using ground = await startGround(['told', 'untold', 'new', 'missing'])
  const { client, environment, framework } = ground
  await reportRunning(ground, 'told')
  const finished = client.status('told', 'TASK_FINISHED')
  const running = client.status('untold', 'TASK_RUNNING')
  await client.call('UPDATE', { update: { status: finished } })
  await client.next('ACKNOWLEDGED')
  await framework.end('told')
  const again = await restart(ground, 'SIGKILL')
  const tasks = ['untold', 'new'].map(id => ({ name: id, task_id: { value: id }, agent_id: { value: 'a' } }))
  const updates = [{ status: finished }, { status: running }]
  const back = await new ExecutorClient(environment).subscribe({ unacknowledged_tasks: tasks, unacknowledged_updates: updates })
  const uuids = [(await back.next('ACKNOWLEDGED')).acknowledged?.uuid, (await back.next('ACKNOWLEDGED')).acknowledged?.uuid]
  assert.deepEqual(uuids.map(uuid => Buffer.from(uuid ?? []).toString('base64')), [finished, running].map(status => (status as { uuid: string }).uuid))
  await again.until('untold', 'TASK_RUNNING')
  const dropped = await again.end('missing')
  assert.deepEqual([dropped.state, dropped.reason], ['TASK_DROPPED', 'REASON_AGENT_RESTARTED'])
  assert.deepEqual(back.events.filter(({ type }) => type === 'LAUNCH'), [], 'nothing is sent twice')
  await back.update('new', 'TASK_FINISHED')
  assert.equal((await again.end('new')).state, 'TASK_FINISHED')
  const ends = [...framework.statuses.get('told') ?? [], ...again.statuses.get('told') ?? []].filter(({ state }) => state === 'TASK_FINISHED')
  assert.equal(new Set(ends.map(({ uuid = [] }) => Buffer.from(uuid).toString('hex'))).size, 1)
  await again.call('TEARDOWN')
  await back.next('SHUTDOWN')
  await nothingLeft(ground)
})

test('an executor that does not come back in time is ended, and its tasks are gone', { timeout: 120_000 }, async () => {
  await using ground = await startGround(['one'], { executorReregistrationTimeout: '1s' })
  await reportRunning(ground, 'one')
  const again = await restart(ground, 'SIGKILL')
  const end = await again.end('one')
  assert.deepEqual([end.state, end.reason], ['TASK_GONE', 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT'])
  assert.match(end.message ?? '', /^Executor did not reregister within 2secs/)
  await nothingLeft(ground)
  await nothingWritten(ground.agent)
})

test('a kill that came before a restart reaches the executor when it is back, and so does a shutdown', { timeout: 120_000 }, async () => {
  await using ground = await startGround(['one'], { ...patient, executorShutdownGracePeriod: '30s' })
  const { environment, framework, client } = ground
  await reportRunning(ground, 'one')
  await framework.kill('one', 3_000)
  await client.next('KILL')
  const again = await restart(ground, 'SIGKILL')
  const back = await new ExecutorClient(environment).subscribe()
  const { subscribed } = await back.next('SUBSCRIBED')
  assert.equal((await back.next('KILL')).kill?.kill_policy?.grace_period?.nanoseconds, 3e9)
  await again.call('SHUTDOWN', { shutdown: { agent_id: subscribed!.agent_info.id, executor_id: { value: 'exec-recover' } } })
  await back.next('SHUTDOWN')
  const third = await restart(ground, 'SIGKILL')
  await (await new ExecutorClient(environment).subscribe()).next('SHUTDOWN')
  const [{ name = '' } = {}] = await ground.engine.containers()
  await ground.engine.exit(name, 0)
  const end = await third.end('one')
  assert.deepEqual([end.state, end.message], ['TASK_FAILED', 'Executor terminated; its container exited with status 0'])
  await nothingLeft(ground)
})

test('the token of an executor is in no file of the agent', { timeout: 60_000 }, async () => {
  await using ground = await startGround(['one'])
  const folder = join(ground.agent.workDir, 'checkpoint')
  await ground.agent.kill('SIGTERM')
  for (const name of await readdir(folder)) assert.ok(!(await readFile(join(folder, name))).includes(ground.client.token), name)
})

test('an executor that lost the agent does as the recorded one did, and so does the agent', { timeout: 120_000 }, async () => {
  const recorded = recording('recover.jsonl')
  await using ground = await startGround(['task-h3'])
  const { client, environment } = ground
  const updates = recorded.flatMap(({ kind, json }) => kind === 'request' && json?.update !== undefined ? [json.update] : [])
  const [starting, running, killed] = updates
  for (const update of [starting, running]) await client.call('UPDATE', { update })
  for (const update of [starting, running]) assert.equal(base64((await client.next('ACKNOWLEDGED')).acknowledged?.uuid), update?.status.uuid)
  await ground.framework.until('task-h3', 'TASK_RUNNING')
  const again = await restart(ground, 'SIGKILL')
  const back = await new ExecutorClient(environment).subscribe({ unacknowledged_tasks: [], unacknowledged_updates: [] })
  const { subscribed } = await back.next('SUBSCRIBED')
  const aim = { agent_id: subscribed!.agent_info.id, executor_id: { value: 'exec-recover' } }
  await again.call('MESSAGE', { message: { ...aim, data: Buffer.from('after restart').toString('base64') } })
  assert.equal(Buffer.from((await back.next('MESSAGE')).message?.data ?? []).toString(), 'after restart')
  await back.say('echo:after restart')
  await again.kill('task-h3')
  await back.next('KILL')
  await back.call('UPDATE', { update: killed })
  assert.equal(base64((await back.next('ACKNOWLEDGED')).acknowledged?.uuid), killed?.status.uuid)
  assert.equal((await again.end('task-h3')).message, 'killed by request')
  await again.call('SHUTDOWN', { shutdown: aim })
  await back.next('SHUTDOWN')
  assert.deepEqual(again.messages, ['echo:after restart'])
  const types = recorded.filter(({ kind }) => kind === 'event').map(({ json }) => json?.type)
  assert.deepEqual(types, [
    'SUBSCRIBED', 'LAUNCH', 'ACKNOWLEDGED', 'ACKNOWLEDGED', 'SUBSCRIBED', 'MESSAGE', 'KILL', 'ACKNOWLEDGED', 'SHUTDOWN',
  ] satisfies executor.Event_Type[], 'the order of the recording, which is the one above')
  await nothingLeft(ground)
})

test('an executor of the older driver is called back by the next agent, and brings what was not acknowledged', { timeout: 120_000 }, async () => {
  await using engine = await startSimEngine()
  await using agent = await RestartingAgent.start(engine.socket, patient)
  using owners = new PretendedOwners()
  const framework = await agent.now.subscribe('drivers', { ...aware, failover_timeout: 3600 })
  await framework.launch(taskOf(executorInfo('old'), 'one'), taskOf(executorInfo('old'), 'two'))
  await using driver = await DriverExecutor.start(await executorEnvironment(engine.socket, 'old'))
  owners.give(driver.peer, 'old')
  driver.register()
  await driver.peer.take('internal.RunTaskMessage')
  const { task } = await driver.peer.take('internal.RunTaskMessage')
  driver.tell(driver.updateOf('one', 'TASK_RUNNING'))
  await driver.peer.take('internal.StatusUpdateAcknowledgementMessage')
  await framework.until('one', 'TASK_RUNNING')
  await agent.leave()
  await agent.comeBack()
  const again = await agent.now.subscribe('drivers', { ...aware, failover_timeout: 3600, id: { value: framework.frameworkId } })
  await driver.peer.take('internal.ReconnectExecutorMessage')
  const update = driver.updateOf('two', 'TASK_RUNNING')
  driver.reregister([task], [update])
  await driver.peer.take('internal.ExecutorReregisteredMessage')
  assert.equal(base64((await driver.peer.take('internal.StatusUpdateAcknowledgementMessage')).uuid), base64(update.uuid))
  await again.until('two', 'TASK_RUNNING')
  for (const id of ['one', 'two']) {
    driver.tell(driver.updateOf(id, 'TASK_FINISHED'))
    assert.equal((await again.end(id)).state, 'TASK_FINISHED')
  }
  await again.call('TEARDOWN')
  await driver.peer.take('internal.ShutdownExecutorMessage')
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) }, { withinMs: 20_000 })
})

interface Recorded { kind: string, json?: { type: executor.Call_Type, update?: { status: { uuid: string } } } }

function recording (name: string): Recorded[] {
  return readFileSync(join('test', 'golden', 'executor', name), 'utf8').trim().split('\n').map(line => JSON.parse(line) as Recorded)
}

function base64 (bytes: Uint8Array | undefined): string { return Buffer.from(bytes ?? []).toString('base64') }

function freeCpus ({ offers }: TestFramework): number {
  const all = offers.flatMap(({ resources = [] }): v1.Resource[] => resources).filter(({ name }) => name === 'cpus')
  return Math.round(all.reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0) * 10) / 10
}

/** Of neither executors nor their tasks is anything written down any more. */
async function nothingWritten ({ workDir }: OwnAgent): Promise<void> {
  await eventually(async () => {
    const { executor: executors, task, container } = await keptRecords(workDir)
    assert.deepEqual([executors, task, container], [{}, {}, {}])
  }, { withinMs: 20_000 })
}
