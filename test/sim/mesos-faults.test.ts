import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { frame } from '../../src/door/libprocess/frame.ts'
import { parseUpid } from '../../src/door/libprocess/upid.ts'
import { isTerminal } from '../../src/agent/task-status.ts'
import type { v1 } from '../../src/wire/messages.ts'
import { encodeProtobuf } from '../../src/wire/protobuf.ts'
import { eventually } from '../support/eventually.ts'
import { clusterSettings, framework, olderFramework, openCluster, shellTask } from '../support/mesos-master/cluster-ground.ts'
import { freePort } from '../support/mesos-master/recorded-ground.ts'
import { TestMaster } from '../support/mesos-master/test-master.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { RestartingAgent } from '../support/restarting-agent.ts'
import { startSimEngine } from '../support/sim-engine.ts'

const slow = { withinMs: 60_000 }

function uuids (master: TestMaster, taskId: string): string[] {
  return master.updates.filter(({ status }) => status.task_id.value === taskId).map(({ status }) => Buffer.from(status.uuid ?? []).toString('hex'))
}

test('an agent that its master takes for disconnected registers again at once, with its tasks', async () => {
  await using ground = await openCluster()
  const { master } = ground
  master.run(shellTask('t', 'sleep 1000'), framework)
  await master.reaches('t', 'TASK_RUNNING')
  master.ping(false)
  await eventually(() => master.reregistrations >= 1, slow)
  const [message] = master.of('internal.ReregisterSlaveMessage')
  assert.deepEqual(message?.tasks?.map(({ task_id: id, state, executor_id: executor }) => [id.value, state, executor]), [['t', 'TASK_RUNNING', undefined]])
  assert.deepEqual(message.frameworks?.map(({ id }) => id?.value), ['f1'])
})

test('an agent whose master is silent registers again when the pings have stayed away', async () => {
  await using ground = await openCluster({}, { pingTimeoutSeconds: 1 })
  const { master } = ground
  await eventually(() => master.reregistrations >= 2, slow)
})

test('what ends while no master can be reached is told to the next one at that address, once for each', async () => {
  await using engine = await startSimEngine()
  const first = await TestMaster.start()
  await using agent = await RestartingAgent.start(engine.socket, clusterSettings(first))
  await first.registered()
  first.run(shellTask('ends', 'sleep 1000'), framework)
  first.run(shellTask('stays', 'sleep 1000'), framework)
  for (const id of ['ends', 'stays']) await first.reaches(id, 'TASK_RUNNING')
  await first[Symbol.asyncDispose]()
  const [ends] = (await engine.containers()).filter(({ labels }) => labels['slipway.task'] === 'ends')
  await engine.exit(ends?.name ?? '', 7)
  await eventually(async () => await agent.now.metric('slipway_status_updates_pending') > 0, slow)
  await using second = await TestMaster.start({ port: first.peer.pid.port })
  await second.reaches('ends', 'TASK_FAILED', 60_000)
  await eventually(async () => await agent.now.metric('slipway_status_updates_pending') === 0, slow)
  const [message] = second.of('internal.ReregisterSlaveMessage')
  assert.deepEqual(message?.tasks?.map(({ task_id: id, state }) => `${id.value} ${state}`).sort(), ['ends TASK_FAILED', 'stays TASK_RUNNING'])
  assert.deepEqual(second.statesOf('ends'), ['TASK_FAILED'])
  assert.deepEqual(second.statesOf('stays'), [])
})

test('updates that nobody has acknowledged come again after a kill -9 of the agent, with their uuids and in their order', async () => {
  await using engine = await startSimEngine()
  await using master = await TestMaster.start({ acknowledges: false })
  await using agent = await startOwnAgent(engine.socket, clusterSettings(master, { port: await freePort() }))
  await master.registered()
  for (const id of ['a', 'b']) master.run(shellTask(id, 'exit 3'), framework)
  for (const id of ['a', 'b']) await master.reaches(id, 'TASK_STARTING')
  await eventually(async () => await agent.metric('slipway_status_updates_pending') === 6, slow)
  const before = ['a', 'b'].map(id => uuids(master, id)[0])
  await agent.kill('SIGKILL')
  await agent.start()
  await eventually(() => master.reregistrations >= 1, slow)
  const [message] = master.of('internal.ReregisterSlaveMessage')
  assert.deepEqual(message?.tasks?.map(({ task_id: id, state }) => `${id.value} ${state}`).sort(), ['a TASK_FAILED', 'b TASK_FAILED'])
  master.acknowledges = true
  for (const id of ['a', 'b']) master.acknowledge(master.updates.find(({ status }) => status.task_id.value === id)!)
  for (const id of ['a', 'b']) await master.reaches(id, 'TASK_FAILED', 60_000)
  assert.deepEqual(['a', 'b'].map(id => uuids(master, id)[0]), before)
  for (const id of ['a', 'b']) assert.deepEqual(master.statesOf(id), ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED'])
  await eventually(async () => await agent.metric('slipway_status_updates_pending') === 0, slow)
  await eventually(async () => { assert.deepEqual((await engine.containers()).map(({ name }) => name), []) }, slow)
})

test('tasks that the master believes in and that are not here are told of', async () => {
  await using ground = await openCluster({}, {})
  const { master } = ground
  master.run(shellTask('here', 'sleep 1000'), framework)
  await master.reaches('here', 'TASK_RUNNING')
  master.answers = false
  master.ping(false)
  await eventually(() => master.reregistrations >= 1, slow)
  const believed = (id: string): v1.TaskStatus => ({ task_id: { value: id }, state: 'TASK_RUNNING' })
  master.reregister([
    { framework_id: { value: 'f1' }, framework, statuses: [believed('here'), believed('gone')] },
    { framework_id: { value: 'f2' }, framework: olderFramework, statuses: [believed('lost')] },
  ])
  assert.equal((await master.reaches('gone', 'TASK_DROPPED')).reason, 'REASON_RECONCILIATION')
  assert.equal((await master.reaches('lost', 'TASK_LOST')).reason, 'REASON_RECONCILIATION')
  assert.deepEqual(master.statesOf('here'), ['TASK_STARTING', 'TASK_RUNNING'])
})

test('a message whose connection is closed right behind it is taken', async () => {
  await using ground = await openCluster()
  const { master } = ground
  const to = parseUpid(master.agentPid)!
  const body = encodeProtobuf('internal.RunTaskMessage', {
    framework, pid: '@0.0.0.0:0', task: shellTask('half', 'exit 0', { agent_id: { value: master.agentId ?? '' } }), launch_executor: true,
  })
  const socket = connect({ host: to.ip, port: to.port, allowHalfOpen: true })
  socket.on('error', () => {})
  socket.end(frame({ name: 'mesos.internal.RunTaskMessage', body }, { from: master.peer.pid, to }))
  await master.reaches('half', 'TASK_FINISHED')
  socket.destroy()
})

test('a link that takes nothing for a while loses no update', async () => {
  await using ground = await openCluster()
  const { master, agent } = ground
  for (const socket of master.peer.connections) socket.pause()
  const ids = Array.from({ length: 60 }, (_, at) => `t${at}`)
  for (const id of ids) master.run(shellTask(id, 'exit 0'), framework)
  await eventually(async () => await agent.metric('slipway_status_updates_pending') >= 100, slow)
  for (const socket of master.peer.connections) socket.resume()
  for (const id of ids) await master.reaches(id, 'TASK_FINISHED', 60_000)
  for (const id of ids) assert.deepEqual(master.statesOf(id), ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'])
})

test('of 1,000 tasks in one burst each is begun once and told of to its end', async t => {
  await using ground = await openCluster({ queueLimit: 2_000 })
  const { master, agent } = ground
  const ids = Array.from({ length: 1_000 }, (_, at) => `b${at}`)
  const startedAt = performance.now()
  for (const id of ids) master.run(shellTask(id, 'exit 0'), framework)
  for (const id of ids.slice(50)) master.kill('f1', id)
  await eventually(() => new Set(master.updates.filter(({ status }) => isTerminal(status.state)).map(({ status }) => status.task_id.value)).size === 1_000,
    { withinMs: 120_000, reason: 'the ends of 1,000 tasks' })
  t.diagnostic(`${Math.round(performance.now() - startedAt)} ms`)
  for (const id of ids) assert.equal(master.statesOf(id).filter(isTerminal).length, 1, id)
  await eventually(async () => await agent.metric('slipway_status_updates_pending') === 0, slow)
})
