import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { internal, v1 } from '../../src/wire/messages.ts'
import { eventually } from '../support/eventually.ts'
import { executorInfo } from '../support/executor-infos.ts'
import { clusterResources, framework, olderFramework, openCluster, shellTask } from '../support/mesos-master/cluster-ground.ts'

test('an agent registers with a master, runs a task for it, and tells of it until that is acknowledged', async () => {
  await using ground = await openCluster()
  const { master, agent } = ground
  assert.equal(await agent.metric('slipway_master_registered'), 1)
  master.run(shellTask('t1', 'echo hello; sleep 0.2; exit 3'), framework)
  const failed = await master.reaches('t1', 'TASK_FAILED')
  assert.deepEqual(master.statesOf('t1'), ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED'])
  assert.equal(failed.message, 'Container exited with status 3')
  await eventually(async () => await agent.metric('slipway_status_updates_pending') === 0)
  const pongs = master.of('internal.PongSlaveMessage').length
  master.ping()
  await eventually(() => master.of('internal.PongSlaveMessage').length === pongs + 1)
})

test('an id that the master has given is the agent\'s from then on', async () => {
  await using ground = await openCluster()
  const { agent, master } = ground
  const state = JSON.parse((await agent.get('/state')).text) as { id: string }
  assert.equal(state.id, master.agentId)
  master.run(shellTask('t1', 'echo hello'), framework)
  const { agent_id: agentId } = await master.reaches('t1', 'TASK_FINISHED')
  assert.equal(agentId?.value, master.agentId)
  assert.ok((await agent.get('/state')).text.includes(`/slaves/${master.agentId}/frameworks/f1/`))
})

interface Refused {
  what: string, task: v1.TaskInfo, more?: Partial<internal.RunTaskMessage>
  state: v1.TaskState, reason: v1.TaskStatus_Reason, message: RegExp
}

const volume: v1.Resource = {
  name: 'disk', type: 'SCALAR', scalar: { value: 10 }, reservations: [{ type: 'DYNAMIC', role: 'r' }],
  disk: { persistence: { id: 'v' }, volume: { container_path: 'v', mode: 'RW' } },
}
const disk: v1.Resource = { name: 'disk', type: 'SCALAR', scalar: { value: 10 }, disk: { source: { type: 'MOUNT' } } }

const refused: Refused[] = [
  {
    what: 'that assumes other resources', task: shellTask('r1', 'true'), more: { resource_version_uuids: [{ uuid: { value: Buffer.alloc(16, 1) } }] },
    state: 'TASK_DROPPED', reason: 'REASON_INVALID_OFFERS', message: /outdated resource state/,
  },
  {
    what: 'with neither a command nor an executor', task: shellTask('r2', '', { command: undefined }),
    state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message: /at least one \(but not both\)/,
  },
  {
    what: 'on a disk source', task: shellTask('r3', 'true', { resources: [...clusterResources(0.1, 32), disk] }),
    state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message: /Disk sources are not supported/,
  },
  {
    what: 'whose executor is not there though it should be',
    task: shellTask('r4', '', { command: undefined, container: undefined, executor: executorInfo('e') }),
    more: { launch_executor: false }, state: 'TASK_DROPPED', reason: 'REASON_EXECUTOR_TERMINATED', message: /No executor is expected to launch/,
  },
  {
    what: 'without a container', task: shellTask('r5', 'true', { container: undefined }),
    state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message: /container is missing/,
  },
]

test('a task that cannot be begun is told of, and why', async () => {
  await using ground = await openCluster()
  const { master, agent } = ground
  for (const { what, task, more, state, reason, message } of refused) {
    master.run(task, framework, more)
    const status = await master.reaches(task.task_id.value, state)
    assert.equal(status.reason, reason, what)
    assert.match(status.message ?? '', message, what)
    assert.equal(status.source, 'SOURCE_AGENT', what)
    assert.deepEqual(master.statesOf(task.task_id.value), [state], what)
  }
  await eventually(async () => await agent.metric('slipway_status_updates_pending') === 0)
})

test('frameworks of old hear TASK_LOST where others hear what became of a task', async () => {
  await using ground = await openCluster()
  const { master } = ground
  master.run(shellTask('old', 'true'), olderFramework, { resource_version_uuids: [{ uuid: { value: Buffer.alloc(16, 1) } }] })
  assert.equal((await master.reaches('old', 'TASK_LOST')).reason, 'REASON_INVALID_OFFERS')
})

test('task groups are refused, task for task', async () => {
  await using ground = await openCluster()
  const { master } = ground
  const executor: v1.ExecutorInfo = { type: 'DEFAULT', executor_id: { value: 'group' }, resources: clusterResources(0.1, 32) }
  master.send('internal.RunTaskGroupMessage', { framework, executor, task_group: { tasks: [shellTask('g1', 'true'), shellTask('g2', 'true')] } })
  for (const id of ['g1', 'g2']) assert.equal((await master.reaches(id, 'TASK_ERROR')).reason, 'REASON_TASK_GROUP_INVALID')
})

test('a task that is sent twice is run once', async () => {
  await using ground = await openCluster()
  const { master, engine } = ground
  for (let at = 0; at < 2; at++) master.run(shellTask('twice', 'sleep 1000'), framework)
  await master.reaches('twice', 'TASK_RUNNING')
  assert.equal((await engine.containers()).length, 1)
  assert.deepEqual(master.statesOf('twice'), ['TASK_STARTING', 'TASK_RUNNING'])
})

test('a kill of a task that is not here is told of, unless nobody could hear it', async () => {
  await using ground = await openCluster()
  const { master } = ground
  master.kill('nobody', 'x')
  master.run(shellTask('here', 'sleep 1000'), framework)
  await master.reaches('here', 'TASK_RUNNING')
  master.kill('f1', 'not-here')
  assert.equal((await master.reaches('not-here', 'TASK_DROPPED')).message, 'Cannot find executor')
  assert.deepEqual(master.statesOf('x'), [])
  master.kill('f1', 'here', { grace_period: { nanoseconds: 0 } })
  await master.reaches('here', 'TASK_KILLED')
  assert.deepEqual(master.statesOf('here'), ['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED'])
})

test('a running task takes no more of the host than its master knows of', async () => {
  await using ground = await openCluster()
  const { master, agent } = ground
  master.run(shellTask('t', 'sleep 1000', { resources: clusterResources(1, 64) }), framework)
  await master.reaches('t', 'TASK_RUNNING')
  const answer = await fetch(`${agent.url}/slipway/v1/update`, {
    method: 'POST', headers: { authorization: `Bearer ${agent.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ task_id: 't', cpus: 2 }),
  })
  assert.equal(answer.status, 409)
  assert.match(await answer.text(), /the Mesos master keeps the accounts/)
})

test('a volume that the master has made is mounted into the tasks that have it, and told again; one that it has not is not there', async () => {
  await using ground = await openCluster()
  const { master, engine } = ground
  const withVolume = (id: string): v1.TaskInfo => shellTask(id, 'sleep 1000', { resources: [...clusterResources(0.1, 32), volume] })
  master.run(withVolume('early'), framework)
  assert.equal((await master.reaches('early', 'TASK_DROPPED')).reason, 'REASON_RESOURCES_UNKNOWN')
  master.send('internal.CheckpointResourcesMessage', { resources: [volume] })
  master.run(withVolume('has'), framework)
  await master.reaches('has', 'TASK_RUNNING')
  const [container] = await engine.containers()
  assert.match(JSON.stringify(container?.body.HostConfig), /volumes\/roles\/[^"]*\/v[:"]/)
  master.ping(false)
  await eventually(() => master.reregistrations >= 1, { withinMs: 60_000 })
  const [message] = master.of('internal.ReregisterSlaveMessage')
  assert.deepEqual(message?.checkpointed_resources?.map(({ disk }) => disk?.persistence?.id), ['v'])
})

test('an agent that is to be drained ends its tasks, says why, and takes none until they have ended', async () => {
  await using ground = await openCluster()
  const { master } = ground
  master.run(shellTask('runs', 'trap "" TERM; sleep 1000'), framework)
  await master.reaches('runs', 'TASK_RUNNING')
  master.send('internal.DrainSlaveMessage', { config: { max_grace_period: { nanoseconds: 1_000_000_000 } } })
  master.run(shellTask('late', 'exit 0'), framework)
  assert.equal((await master.reaches('late', 'TASK_DROPPED')).reason, 'REASON_AGENT_DRAINING')
  assert.equal((await master.reaches('runs', 'TASK_KILLED')).reason, 'REASON_AGENT_DRAINING')
  await eventually(() => {
    master.run(shellTask(`after${master.log.length}`, 'exit 0'), framework)
    return master.updates.some(({ status }) => status.state === 'TASK_FINISHED')
  }, { everyMs: 300, withinMs: 30_000 })
})
