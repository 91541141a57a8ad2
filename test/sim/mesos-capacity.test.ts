import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { eventually } from '../support/eventually.ts'
import { clusterResources, clusterSettings, framework, olderFramework, openCluster, shellTask } from '../support/mesos-master/cluster-ground.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { TestMaster } from '../support/mesos-master/test-master.ts'

const reservations: v1.Resource_ReservationInfo[] = [{ type: 'DYNAMIC', role: 'eng/dev', principal: 'p' }]
const volume: v1.Resource = {
  name: 'disk', type: 'SCALAR', scalar: { value: 100 }, reservations, disk: { persistence: { id: 'v1' }, volume: { container_path: 'data', mode: 'RW' } },
}
const reserved: v1.Resource = { name: 'cpus', type: 'SCALAR', scalar: { value: 2 }, reservations }
const allocated = (resource: v1.Resource): v1.Resource => ({ ...resource, allocation_info: { role: 'eng/dev' } })
const withVolume = (id: string): v1.TaskInfo => shellTask(id, 'sleep 100', { resources: [...clusterResources(0.1, 32), allocated(volume)] })

test('a persistent volume is made, mounted into its task, told of and destroyed as the master says', async () => {
  await using ground = await openCluster()
  const { master, agent } = ground
  const place = join(agent.workDir, 'volumes', 'roles', 'eng dev', 'v1')
  master.run(withVolume('early'), framework)
  assert.equal((await master.reaches('early', 'TASK_DROPPED')).reason, 'REASON_RESOURCES_UNKNOWN')
  master.send('internal.CheckpointResourcesMessage', { resources: [reserved, volume] })
  master.run(withVolume('t1'), framework)
  const { data } = await master.reaches('t1', 'TASK_RUNNING')
  assert.ok(existsSync(place))
  assert.match(Buffer.from(data ?? []).toString(), /volumes\/roles\/eng dev\/v1/)
  const state = JSON.parse((await agent.get('/state')).text) as { reserved_resources: object, reserved_resources_allocated: object }
  assert.deepEqual(state.reserved_resources, { 'eng/dev': { disk: 100, mem: 0, gpus: 0, cpus: 2 } })
  assert.deepEqual(state.reserved_resources_allocated, { 'eng/dev': { disk: 100, mem: 0, gpus: 0, cpus: 0 } })
  master.kill('f1', 't1')
  await master.reaches('t1', 'TASK_KILLED')
  writeFileSync(join(place, 'precious'), 'data')
  master.send('internal.CheckpointResourcesMessage', { resources: [reserved] })
  await eventually(() => !existsSync(place))
  await eventually(() => { assert.deepEqual(readdirSync(join(agent.workDir, 'volumes')), ['roles']) })
})

test('reservations and volumes outlive the agent, and its master hears of them when it comes back', async () => {
  await using engine = await startSimEngine()
  await using master = await TestMaster.start()
  await using agent = await startOwnAgent(engine.socket, clusterSettings(master))
  await master.registered()
  assert.deepEqual(master.of('internal.RegisterSlaveMessage')[0]?.checkpointed_resources ?? [], [])
  master.send('internal.CheckpointResourcesMessage', { resources: [reserved, volume] })
  const place = join(agent.workDir, 'volumes', 'roles', 'eng dev', 'v1')
  await eventually(() => existsSync(place))
  writeFileSync(join(place, 'precious'), 'data')
  master.run(withVolume('t1'), framework)
  await master.reaches('t1', 'TASK_RUNNING')
  const { port } = new URL(agent.url())
  await agent.kill('SIGKILL')
  await agent.start({ port })          // one that comes back elsewhere with the same id is not let in
  await eventually(() => master.reregistrations > 0)
  const told = master.of('internal.ReregisterSlaveMessage').at(-1)?.checkpointed_resources
  assert.deepEqual(told?.map(({ name, role, disk }) => [name, role, disk?.persistence?.id]), [['cpus', 'eng/dev', undefined], ['disk', 'eng/dev', 'v1']])
  assert.deepEqual(readdirSync(place), ['precious'])
})

test('a host that is drained ends its tasks, says why, and takes no other until they have ended', async () => {
  await using ground = await openCluster()
  const { master, agent } = ground
  master.run(shellTask('t1', 'sleep 100'), framework)
  master.run(shellTask('t2', 'sleep 100'), olderFramework)
  for (const id of ['t1', 't2']) await master.reaches(id, 'TASK_RUNNING')
  master.send('internal.DrainSlaveMessage', { config: { max_grace_period: { nanoseconds: 2e9 }, mark_gone: true } })
  master.run(shellTask('late', 'true'), framework)
  assert.equal((await master.reaches('late', 'TASK_DROPPED')).reason, 'REASON_AGENT_DRAINING')
  assert.equal((await master.reaches('t1', 'TASK_GONE_BY_OPERATOR')).reason, 'REASON_AGENT_DRAINING')
  assert.equal((await master.reaches('t2', 'TASK_KILLED')).reason, 'REASON_AGENT_DRAINING')
  await eventually(async () => {
    const state = JSON.parse((await agent.get('/state')).text) as { drain_config?: object }
    assert.equal(state.drain_config, undefined)
  })
  master.run(shellTask('after', 'exit 0'), framework)
  await master.reaches('after', 'TASK_FINISHED')
})

test('what is reserved beyond what the agent has is refused whole', async () => {
  await using ground = await openCluster()
  const { master, agent } = ground
  master.send('internal.CheckpointResourcesMessage', { resources: [volume] })
  master.send('internal.CheckpointResourcesMessage', { resources: [{ ...reserved, scalar: { value: 1e6 } }] })
  master.run(withVolume('t1'), framework)
  await master.reaches('t1', 'TASK_RUNNING')
  const state = JSON.parse((await agent.get('/state')).text) as { reserved_resources: object }
  assert.deepEqual(state.reserved_resources, { 'eng/dev': { disk: 100, mem: 0, gpus: 0, cpus: 0 } })
})
