import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amountOf } from '../../../../src/model/resources.ts'
import { agentId, launch, startSoloDoor, task, type SoloDoor } from '../../../support/solo-door.ts'
import type { SchedulerClient } from '../../../support/scheduler-client.ts'

const multiRole = { user: 'root', name: 'x', roles: ['*'], failover_timeout: 60, capabilities: [{ type: 'MULTI_ROLE' }] }
const resources = [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.2 } }, { name: 'mem', type: 'SCALAR', scalar: { value: 64 } }]
const executor = { executor_id: { value: 'e' }, command: { value: 'true' }, resources }
const withExecutor = (id: string, more: object = {}): object => task(id, { command: undefined, executor: { ...executor, ...more } })
const used = ({ master }: SoloDoor): number[] => ['cpus', 'mem'].map(name => amountOf(master.accounts().used, name))

async function subscribed (solo: SoloDoor): Promise<SchedulerClient> {
  const client = solo.client()
  await client.subscribe(multiRole)
  return client
}

test('an executor\'s resources are booked once, and free when the agent says that it is gone', async () => {
  await using solo = await startSoloDoor('cpus:2;mem:1024')
  const client = await subscribed(solo)
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [withExecutor('one'), withExecutor('two')], 0))
  assert.deepEqual(used(solo), [0.4, 128])
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [withExecutor('three')], 0))
  assert.deepEqual(used(solo), [0.5, 160])
  for (const id of ['one', 'two', 'three']) solo.agent.release(id)
  assert.deepEqual(used(solo), [0.2, 64])
  solo.agent.listener?.executorReleased(client.frameworkId, 'e')
  solo.agent.listener?.executorReleased(client.frameworkId, 'e')
  assert.deepEqual(used(solo), [0, 0])
})

test('an executor outlives its framework in the accounts', async () => {
  await using solo = await startSoloDoor('cpus:2;mem:1024')
  const client = await subscribed(solo)
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [withExecutor('one')], 0))
  await client.call('TEARDOWN')
  assert.deepEqual(used(solo), [0.3, 96])
  solo.agent.release('one')
  solo.agent.listener?.executorReleased(client.frameworkId, 'e')
  assert.deepEqual(used(solo), [0, 0])
})

test('the agent gets an executor with its framework and its role', async () => {
  await using solo = await startSoloDoor('cpus:2;mem:1024')
  const client = await subscribed(solo)
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [withExecutor('one')], 0))
  const { executor: given } = solo.agent.tasks.get('one')?.info ?? {}
  assert.equal(given?.framework_id?.value, client.frameworkId)
  assert.deepEqual(given.resources?.map(({ allocation_info: info }) => info?.role), ['*', '*'])
})

const faults: ReadonlyArray<readonly [more: object, message: RegExp]> = [
  [{ executor_id: { value: 'a/b' } }, /contains invalid characters/],
  [{ command: undefined }, /'ExecutorInfo.command' must be set for 'CUSTOM' executor/],
  [{ type: 'DEFAULT', command: undefined }, /'DEFAULT' executors are not supported/],
  [{ framework_id: { value: 'other' } }, /ExecutorInfo has an invalid FrameworkID \(Actual: other vs Expected: /],
  [{ shutdown_grace_period: { nanoseconds: -1 } }, /ExecutorInfo's 'shutdown_grace_period' must be non-negative/],
  [{ resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: -1 } }] }, /Executor uses invalid resources/],
  [{ container: { type: 'DOCKER' } }, /Executor's `ContainerInfo` is invalid: DockerInfo 'docker' is not set/],
  [{ resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 1.95 } }] }, /^Total resources .*cpus.*:2.05.* required by task and its executor/],
]

test('an executor that cannot be is an error of its task', async () => {
  await using solo = await startSoloDoor('cpus:2;mem:1024')
  const client = await subscribed(solo)
  for (const [more, message] of faults) {
    await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [withExecutor('t', more)], 0))
    const status = await client.nextStatus()
    assert.deepEqual([status.state, status.reason], ['TASK_ERROR', 'REASON_TASK_INVALID'])
    assert.match(status.message ?? '', message)
  }
  assert.deepEqual(used(solo), [0, 0])
})

test('one executor id means one executor', async () => {
  await using solo = await startSoloDoor('cpus:2;mem:1024')
  const client = await subscribed(solo)
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [withExecutor('one'), withExecutor('two', { name: 'another' })], 0))
  assert.match((await client.nextStatus()).message ?? '', /^ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID/)
  assert.deepEqual([...solo.agent.tasks.keys()], ['one'])
})

test('messages and shutdowns for executors go to the agent, unless they name another one', async () => {
  await using solo = await startSoloDoor('cpus:2;mem:1024')
  const client = await subscribed(solo)
  for (const value of [agentId, 'another']) {
    const aim = { agent_id: { value }, executor_id: { value: 'e' } }
    await client.call('MESSAGE', { message: { ...aim, data: Buffer.from('hi').toString('base64') } })
    await client.call('SHUTDOWN', { shutdown: aim })
  }
  assert.deepEqual(solo.agent.calls.filter(call => /^(message|shutdown)/.test(call)), ['message e hi', 'shutdown e'])
})

test('what executors say, and that they have ended, reaches the framework', async () => {
  await using solo = await startSoloDoor('cpus:2;mem:1024')
  const client = await subscribed(solo)
  solo.agent.listener?.message(client.frameworkId, 'e', Buffer.from('hi'))
  solo.agent.listener?.executorEnded(client.frameworkId, 'e', 768)
  const aim = { agent_id: { value: agentId }, executor_id: { value: 'e' } }
  assert.deepEqual((await client.next(({ type }) => type === 'MESSAGE')).message, { ...aim, data: 'aGk=' })
  assert.deepEqual((await client.next(({ type }) => type === 'FAILURE')).failure, { ...aim, status: 768 })
})
