import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../../support/eventually.ts'
import { launch, masterId, startSoloDoor, task } from '../../../support/solo-door.ts'
import { printResources } from '../../../../src/model/resources-text.ts'

const info = { user: 'root', name: 'test' }

test('a new framework gets an id, the master\'s description and a heartbeat at once', async () => {
  await using solo = await startSoloDoor('cpus:1')
  const client = solo.client()
  const { subscribed } = await client.subscribe(info)
  assert.deepEqual(subscribed, {
    framework_id: { value: `${masterId}-0000` },
    heartbeat_interval_seconds: 15,
    master_info: {
      id: masterId, ip: 16777343, port: solo.door.port, pid: `master@127.0.0.1:${String(solo.door.port)}`,
      hostname: '127.0.0.1', version: '1.11.0',
      address: { hostname: '127.0.0.1', ip: '127.0.0.1', port: solo.door.port },
      capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }],
    },
  })
  await client.next(({ type }) => type === 'HEARTBEAT')
  const second = solo.client()
  await second.subscribe(info)
  assert.equal(second.frameworkId, `${masterId}-0001`)
})

test('heartbeats go on', async () => {
  await using solo = await startSoloDoor('cpus:1', { heartbeatMs: 20 })
  const client = solo.client()
  await client.subscribe(info)
  for (let i = 0; i < 4; i++) await client.next(({ type }) => type === 'HEARTBEAT')
})

test('a framework that subscribes again takes over from its old stream', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const old = solo.client()
  await old.subscribe({ ...info, failover_timeout: 60 })
  await old.nextOffer()
  const id = { value: old.frameworkId }
  const fresh = solo.client()
  await fresh.subscribe({ ...info, failover_timeout: 60, id }, { framework_id: id })
  assert.equal(fresh.frameworkId, old.frameworkId)
  assert.notEqual(fresh.streamId, old.streamId)
  const { error } = await old.next(({ type }) => type === 'ERROR')
  assert.equal(error?.message, 'Framework failed over')
  await old.end()
  await fresh.nextOffer()
  assert.match((await old.call('REVIVE')).text, /didn't match the stream ID currently associated/)
  assert.equal(solo.agent.calls.at(-1), `resend ${fresh.frameworkId}`)
})

test('a framework may come back within its failover time and keeps its tasks', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe({ ...info, failover_timeout: 60 })
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [task('t1')]))
  client.drop()
  await eventually(() => solo.master.frameworks()[0]?.sink === undefined)
  assert.equal(printResources(solo.master.accounts().offered), '')
  assert.deepEqual([(await client.call('REVIVE')).status, (await client.call('REVIVE')).text], [403, 'Framework is not subscribed'])
  solo.agent.tell('t1', 'TASK_RUNNING')
  const back = solo.client()
  const id = { value: client.frameworkId }
  await back.subscribe({ ...info, id }, { framework_id: id })
  await back.call('RECONCILE', { reconcile: {} })
  assert.equal((await back.nextStatus()).state, 'TASK_RUNNING')
})

test('a framework that does not come back in time is removed with its tasks', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe({ ...info, failover_timeout: 0.05 })
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [task('t1')]))
  client.drop()
  await eventually(() => solo.master.frameworks().length === 0)
  assert.equal(solo.agent.calls.at(-1), `removeFramework ${client.frameworkId}`)
  assert.equal(printResources(solo.master.accounts().used), 'cpus:0.1; mem:32')
  solo.agent.release('t1')
  assert.equal(printResources(solo.master.accounts().used), '')
  const back = solo.client()
  const id = { value: client.frameworkId }
  const answer = await back.subscribe({ ...info, id }, { framework_id: id })
  assert.equal(answer.error?.message, 'Framework has been removed')
  await back.end()
})

test('a failover time of years does not overflow the timer', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe({ ...info, failover_timeout: 1e9 })
  const other = solo.client()
  await other.subscribe(info)
  client.drop()
  await other.nextOffer()
  assert.equal(solo.master.frameworks().length, 2)
})

test('a teardown ends the stream and the tasks, and their resources come back with each of them', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(info)
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [task('t1')]))
  assert.equal((await client.call('TEARDOWN')).status, 202)
  await client.end()
  assert.equal(solo.agent.calls.at(-1), `removeFramework ${client.frameworkId}`)
  assert.equal((await client.call('REVIVE')).text, 'Framework cannot be found')
  const other = solo.client()
  await other.subscribe(info)
  assert.equal((await other.nextOffer()).resources?.find(({ name }) => name === 'cpus')?.scalar?.value, 0.9)
  solo.agent.release('t1')
  assert.equal((await other.nextOffer()).resources?.find(({ name }) => name === 'cpus')?.scalar?.value, 0.1)
})

test('one framework more than allowed is told so', async () => {
  await using solo = await startSoloDoor('cpus:1', { maxFrameworks: 1 })
  await solo.client().subscribe(info)
  const answer = await solo.client().subscribe(info)
  assert.match(answer.error?.message ?? '', /More than 1 frameworks/)
})

test('a subscriber that is cut off loses its offers to others', async () => {
  // Even an empty buffer is too full.
  await using solo = await startSoloDoor('cpus:1;mem:64', { maxBufferedBytes: -1 })
  const client = solo.client()
  await client.subscribe({ ...info, failover_timeout: 60 })
  await client.nextOffer()
  await client.end()
  await eventually(() => solo.master.frameworks()[0]?.sink === undefined)
  assert.equal(printResources(solo.master.accounts().offered), '')
})
