import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { TestMaster } from '../support/mesos-master/test-master.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'
import { ZooKeeperWriter } from '../support/zookeeper/client.ts'
import { needsZooKeeper, startZooKeeper, type ZooKeeper } from '../support/zookeeper/server.ts'

const withinMs = 40_000

function infoOf ({ peer: { pid: { ip, port } } }: TestMaster): string {
  return JSON.stringify({ id: `m-${port}`, ip: 16777343, port, pid: `master@${ip}:${port}`, hostname: ip, version: '1.11.0', address: { ip, port } })
}

async function contend (zooKeeper: ZooKeeper, master: TestMaster): Promise<ZooKeeperWriter> {
  const session = await ZooKeeperWriter.open(zooKeeper.port)
  await session.create('/mesos/json.info_', infoOf(master), 'ephemeral sequential')
  return session
}

test('an agent follows the leader that ZooKeeper tells: registers with the first, and again with the next when that one is gone', {
  ...needsZooKeeper(), timeout: 180_000,
}, async () => {
  await using engine = await startSimEngine()
  await using zooKeeper = await startZooKeeper()
  await using second = await TestMaster.start()
  const first = await TestMaster.start()
  await using writer = await ZooKeeperWriter.open(zooKeeper.port)
  await writer.create('/mesos', '')
  await using agent = await startTestAgent(engine.socket, {
    master: `zk://127.0.0.1:${zooKeeper.port}/mesos`, registrationBackoffFactor: '50ms', zkSessionTimeout: '2s',
  })
  await eventually(async () => await agent.metric('slipway_master_registered') === 0, { withinMs, reason: 'no master' })

  const firstSession = await contend(zooKeeper, first)
  await first.registered()
  await using _secondSession = await contend(zooKeeper, second)
  const id = first.agentId
  assert.equal(second.registrations, 0)

  await firstSession[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()
  second.agentId = id
  await eventually(() => second.reregistrations > 0, { withinMs, reason: 'the agent at the second master' })
  await eventually(async () => await agent.metric('slipway_master_registered') === 1, { withinMs })
  assert.equal(second.registrations, 0, 'it has its id already')

  await zooKeeper.kill()
  await eventually(async () => await agent.metric('slipway_master_registered') === 0, { withinMs, reason: 'the end of the session with ZooKeeper' })
  const before = second.reregistrations
  await zooKeeper.start()
  await using _again = await contend(zooKeeper, second)
  await eventually(() => second.reregistrations > before, { withinMs, reason: 'the agent once more' })
})
