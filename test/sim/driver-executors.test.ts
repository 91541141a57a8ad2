import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { internal, v1 } from '../../src/wire/messages.ts'
import { decodeProtobuf } from '../../src/wire/protobuf.ts'
import { DriverExecutor } from '../support/driver-executor.ts'
import { eventually } from '../support/eventually.ts'
import { executorEnvironment } from '../support/executor-client.ts'
import { executorInfo, taskOf } from '../support/executor-infos.ts'
import { PretendedOwners } from '../support/pretended-owners.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent, type TestSettings } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'
import { bodyBytes, recordedScenario } from '../unit/wire/recorded-wire.ts'

interface Ground extends AsyncDisposable {
  engine: SimEngine
  agent: TestAgent
  framework: TestFramework
  owners: PretendedOwners
  /** The driver of an executor, in the place of its container's process. */
  drive (executorId: string): Promise<DriverExecutor>
}

async function openGround (settings: TestSettings = {}, info: object = {}): Promise<Ground> {
  const engine = await startSimEngine()
  const agent = await startTestAgent(engine.socket, { executorShutdownGracePeriod: '2s', ...settings })
  const framework = await agent.subscribe('drivers', info)
  const owners = new PretendedOwners()
  return {
    engine, agent, framework, owners,
    async drive (executorId) {
      const driver = await DriverExecutor.start(await executorEnvironment(engine.socket, executorId))
      owners.give(driver.peer, executorId)
      return driver
    },
    async [Symbol.asyncDispose] () {
      await agent[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
      owners[Symbol.dispose]()
    },
  }
}

/** What the container of an executor does when its driver says so: it ends. */
async function endContainer ({ engine }: Ground): Promise<void> {
  for (const { name } of await engine.containers()) await engine.exit(name, 0).catch(() => {})
}

/** The updates of a recorded executor, as it sent them. */
function recordedUpdates (file: string, executorId: string): internal.StatusUpdate[] {
  return recordedScenario('wire-executor-v0', file)
    .filter(({ message }) => message === 'mesos.internal.StatusUpdateMessage')
    .map(line => decodeProtobuf('internal.StatusUpdateMessage', bodyBytes(line)).update)
    .filter(update => update.executor_id?.value === executorId)
}

const states = (framework: TestFramework, taskId: string): v1.TaskState[] => (framework.statuses.get(taskId) ?? []).map(({ state }) => state)

test('an executor of the older driver runs two tasks, and tells of them as a recorded one did', async () => {
  await using ground = await openGround()
  const { framework, drive } = ground
  const info = executorInfo('old')
  await framework.launch(taskOf(info, 'one'), taskOf(info, 'two'))
  await using driver = await drive('old')
  driver.register()
  const registered = await driver.peer.take('internal.ExecutorRegisteredMessage')
  assert.equal(registered.executor_info.executor_id.value, 'old')
  assert.equal(registered.framework_id.value, framework.frameworkId)
  assert.equal(registered.framework_info.name, 'drivers')
  assert.equal(registered.slave_info.id?.value, registered.slave_id.value)
  const given = [await driver.peer.take('internal.RunTaskMessage'), await driver.peer.take('internal.RunTaskMessage')]
  assert.deepEqual(given.map(({ task }) => task.task_id.value), ['one', 'two'])

  const ends: Array<[string, string, string, v1.TaskState]> = [
    ['one', 'b_host_exit0.jsonl', 'task-b', 'TASK_FINISHED'], ['two', 'c_exit3.jsonl', 'task-c', 'TASK_FAILED'],
  ]
  for (const [taskId, file, recordedId, end] of ends) {
    const updates = recordedUpdates(file, recordedId)
    assert.deepEqual(updates.map(({ status }) => status.state), ['TASK_STARTING', 'TASK_RUNNING', end])
    for (const update of updates) driver.tell(driver.updateOf(taskId, update.status.state, update))
    for (const update of updates) {
      const ack = await driver.peer.take('internal.StatusUpdateAcknowledgementMessage')
      assert.deepEqual([ack.task_id.value, ack.framework_id.value, hex(ack.uuid)], [taskId, framework.frameworkId, hex(update.uuid!)])
    }
    const last = await framework.end(taskId)
    assert.deepEqual([last.state, last.message], [end, updates.at(-1)!.status.message])
    assert.deepEqual(states(framework, taskId), ['TASK_STARTING', 'TASK_RUNNING', end])
    const running = framework.statuses.get(taskId)![1]!
    assert.equal(hex(running.data!), hex(updates[1]!.status.data!))
    assert.deepEqual([running.source, running.executor_id?.value], ['SOURCE_EXECUTOR', 'old'])
  }
  await endContainer(ground)
})

test('messages go both ways, a kill is the driver\'s to carry out, and a shutdown its end', async () => {
  await using ground = await openGround()
  const { framework, drive } = ground
  const info = executorInfo('old')
  await framework.launch(taskOf(info, 'one'))
  await using driver = await drive('old')
  driver.register()
  const { slave_id: agentId } = await driver.peer.take('internal.ExecutorRegisteredMessage')
  await driver.peer.take('internal.RunTaskMessage')
  driver.say('from below')
  await eventually(() => framework.messages.includes('from below'))
  const to = { agent_id: agentId, executor_id: { value: 'old' } }
  await framework.call('MESSAGE', { message: { ...to, data: Buffer.from('from above').toString('base64') } })
  assert.equal(Buffer.from((await driver.peer.take('internal.FrameworkToExecutorMessage')).data).toString(), 'from above')

  driver.tell(driver.updateOf('one', 'TASK_RUNNING'))
  await framework.until('one', 'TASK_RUNNING')
  await framework.kill('one', 1_500)
  const kill = await driver.peer.take('internal.KillTaskMessage')
  assert.deepEqual([kill.task_id.value, kill.kill_policy?.grace_period?.nanoseconds], ['one', 1.5e9])
  driver.tell(driver.updateOf('one', 'TASK_KILLED'))
  assert.equal((await framework.end('one')).state, 'TASK_KILLED')

  await framework.call('SHUTDOWN', { shutdown: to })
  await driver.peer.take('internal.ShutdownExecutorMessage')
  await endContainer(ground)
  await eventually(() => framework.failures.length === 1, { reason: 'FAILURE' })
  assert.deepEqual([framework.failures[0]?.executor_id?.value, framework.failures[0]?.status], ['old', 0])
  await eventually(() => driver.peer.connections.size === 0, { reason: 'the agent to hang up' })
})

test('a link that breaks ends the executor of a framework without checkpoints, at once', async () => {
  await using ground = await openGround()
  const { framework, drive } = ground
  await framework.launch(taskOf(executorInfo('old'), 'one'))
  const driver = await drive('old')
  driver.register()
  await driver.peer.take('internal.RunTaskMessage')
  await driver[Symbol.asyncDispose]()
  const end = await framework.end('one')
  assert.deepEqual([end.state, end.reason], ['TASK_FAILED', 'REASON_EXECUTOR_TERMINATED'])
  await eventually(() => framework.failures.length === 1)
})

test('an executor of a framework with checkpoints is asked to come back, and brings what was not acknowledged', async () => {
  await using ground = await openGround({}, { checkpoint: true, failover_timeout: 60 })
  const { framework, drive } = ground
  await framework.launch(taskOf(executorInfo('old'), 'one'))
  await using driver = await drive('old')
  driver.register()
  const { task } = await driver.peer.take('internal.RunTaskMessage')
  driver.peer.hangUp()
  await driver.peer.take('internal.ReconnectExecutorMessage')
  const update = driver.updateOf('one', 'TASK_RUNNING')
  driver.reregister([task], [update])
  await driver.peer.take('internal.ExecutorReregisteredMessage')
  const ack = await driver.peer.take('internal.StatusUpdateAcknowledgementMessage')
  assert.equal(hex(ack.uuid), hex(update.uuid!))
  await framework.until('one', 'TASK_RUNNING')
  driver.tell(driver.updateOf('one', 'TASK_FINISHED'))
  assert.equal((await framework.end('one')).state, 'TASK_FINISHED')
  await framework.call('TEARDOWN')
  await driver.peer.take('internal.ShutdownExecutorMessage')
})

test('a second driver of the same executor is told to end, and the first goes on', async () => {
  await using ground = await openGround()
  const { framework, drive } = ground
  await framework.launch(taskOf(executorInfo('old'), 'one'))
  await using driver = await drive('old')
  driver.register()
  await driver.peer.take('internal.RunTaskMessage')
  await using second = await drive('old')
  second.register()
  await second.peer.take('internal.ShutdownExecutorMessage')
  driver.register()     // says it again, and stays
  driver.tell(driver.updateOf('one', 'TASK_FINISHED'))
  assert.equal((await framework.end('one')).state, 'TASK_FINISHED')
  assert.deepEqual(driver.peer.received.filter(({ name }) => name.endsWith('ShutdownExecutorMessage')), [])
  await endContainer(ground)
})

test('whoever is not a process of the executor\'s container is sent away, and the executor is as one that never registered', async () => {
  await using ground = await openGround({ executorRegistrationTimeout: '2s' })
  const { engine, framework } = ground
  await framework.launch(taskOf(executorInfo('old'), 'one'))
  await using stranger = await DriverExecutor.start(await executorEnvironment(engine.socket, 'old'))
  stranger.register()
  await eventually(() => stranger.peer.broken.length > 0, { reason: 'the stranger to be sent away' })
  const end = await framework.end('one')
  assert.deepEqual([end.state, end.reason], ['TASK_FAILED', 'REASON_EXECUTOR_REGISTRATION_TIMEOUT'])
  assert.deepEqual(stranger.peer.received, [])
})

test('an executor that names another\'s port to be spoken to is told nothing there', async () => {
  await using ground = await openGround()
  const { framework, drive } = ground
  await framework.launch(taskOf(executorInfo('old'), 'one'))
  await using driver = await drive('old')
  await using other = await DriverExecutor.start({})
  driver.peer.pid = other.peer.pid
  driver.register()
  assert.equal((await framework.end('one')).state, 'TASK_FAILED')
  assert.deepEqual(other.peer.received, [])
})

test('an executor cannot speak for another, nor say what is no message', async () => {
  await using ground = await openGround()
  const { agent, framework, drive } = ground
  await framework.launch(taskOf(executorInfo('old'), 'one'), taskOf(executorInfo('other'), 'two'))
  await using driver = await drive('old')
  await using other = await drive('other')
  driver.register()
  other.register()
  await driver.peer.take('internal.RunTaskMessage')
  await other.peer.take('internal.RunTaskMessage')
  other.tell(driver.updateOf('one', 'TASK_FINISHED'))
  other.tell(other.updateOf('one', 'TASK_FINISHED'))
  for (const body of [Buffer.alloc(0), Buffer.from([0xff]), Buffer.alloc(1_000, 0x0a)]) {
    other.peer.sendBytes(other.agent, { name: 'mesos.internal.StatusUpdateMessage', body })
  }
  other.tell(other.updateOf('two', 'TASK_FINISHED'))
  assert.equal((await framework.end('two')).state, 'TASK_FINISHED')
  assert.deepEqual(states(framework, 'one'), [])
  driver.tell(driver.updateOf('one', 'TASK_FINISHED'))
  assert.equal((await framework.end('one')).state, 'TASK_FINISHED')
  assert.equal((await agent.get('/health')).status, 200)
})

test('where they are not wanted, they find nobody', async () => {
  await using ground = await openGround({ driverExecutors: false, executorRegistrationTimeout: '2s' })
  const { framework, drive } = ground
  await framework.launch(taskOf(executorInfo('old'), 'one'))
  await using driver = await drive('old')
  driver.register()
  assert.equal((await framework.end('one')).reason, 'REASON_EXECUTOR_REGISTRATION_TIMEOUT')
  assert.deepEqual(driver.peer.received, [])
})

function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
