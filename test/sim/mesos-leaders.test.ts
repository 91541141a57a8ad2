import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { clusterSettings, framework, shellTask } from '../support/mesos-master/cluster-ground.ts'
import { TestMaster } from '../support/mesos-master/test-master.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'
import { ZooKeeperWriter } from '../support/zookeeper/client.ts'
import { needsZooKeeper, startZooKeeper } from '../support/zookeeper/server.ts'

const { skip } = needsZooKeeper()

/** A master that stands for election, as long as its session lasts. */
async function stand (zooKeeperPort: number, path: string, { peer: { pid: { port } } }: TestMaster): Promise<ZooKeeperWriter> {
  const session = await ZooKeeperWriter.open(zooKeeperPort)
  const info = { address: { ip: '127.0.0.1', port }, id: `id-${port}`, ip: 16777343, pid: `master@127.0.0.1:${port}`, port, version: '1.11.0' }
  await session.create(`${path}/json.info_`, JSON.stringify(info), 'ephemeral sequential')
  return session
}

test('an agent follows the lead from one master to the next, with its id, its tasks and what has not been heard', { skip, timeout: 180_000 }, async () => {
  await using zooKeeper = await startZooKeeper()
  await using writer = await ZooKeeperWriter.open(zooKeeper.port)
  await writer.create('/mesos', '')
  await using engine = await startSimEngine()
  await using first = await TestMaster.start()
  await using second = await TestMaster.start()
  await using lead = await stand(zooKeeper.port, '/mesos', first)
  await using agent = await startTestAgent(engine.socket, clusterSettings({ address: `zk://127.0.0.1:${zooKeeper.port}/mesos` }))
  await first.registered(60_000)
  first.run(shellTask('t', 'sleep 1000'), framework)
  await first.reaches('t', 'TASK_RUNNING')
  first.acknowledges = false
  await using _next = await stand(zooKeeper.port, '/mesos', second)
  await lead[Symbol.asyncDispose]()
  await eventually(() => second.reregistrations >= 1, { withinMs: 60_000, reason: 'a registration with the next master' })
  assert.equal(second.agentId, first.agentId)
  const [message] = second.of('internal.ReregisterSlaveMessage')
  assert.deepEqual(message?.tasks?.map(({ task_id: id, state }) => [id.value, state]), [['t', 'TASK_RUNNING']])

  const heard = first.updates.length
  first.kill('f1', 't')                 // it leads no more, and does not know yet
  second.kill('f1', 't', { grace_period: { nanoseconds: 0 } })
  await second.reaches('t', 'TASK_KILLED')
  assert.equal(first.updates.length, heard)
  assert.ok(await agent.metric('slipway_master_messages_total{outcome="ignored"}') >= 1)
})
