import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agentId, launch, startSoloDoor, task } from '../../../support/solo-door.ts'

const multiRole = { user: 'root', name: 'test', roles: ['a', 'b'], capabilities: [{ type: 'MULTI_ROLE' }] }
const executor = { executor_id: { value: 'e' }, agent_id: { value: agentId } }
const uuid = Buffer.alloc(16).toString('base64')

const toNothing: [type: string, part: object][] = [
  ['MESSAGE', { message: { ...executor, data: 'aGk=' } }],
  ['SHUTDOWN', { shutdown: executor }],
  ['REQUEST', { request: { requests: [] } }],
  ['ACCEPT_INVERSE_OFFERS', { accept_inverse_offers: { inverse_offer_ids: [{ value: 'x' }] } }],
  ['DECLINE_INVERSE_OFFERS', { decline_inverse_offers: { inverse_offer_ids: [{ value: 'x' }] } }],
  ['ACKNOWLEDGE_OPERATION_STATUS', { acknowledge_operation_status: { agent_id: { value: agentId }, uuid, operation_id: { value: 'o' } } }],
  ['RECONCILE_OPERATIONS', { reconcile_operations: {} }],
  ['SUPPRESS', { suppress: { roles: ['a', 'not-mine'] } }],
]

test('calls about what is not here are accepted and come to nothing', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(multiRole)
  const { id } = await client.nextOffer()
  await client.next(({ type }) => type === 'HEARTBEAT')
  for (const [type, part] of toNothing) assert.deepEqual([type, (await client.call(type as 'MESSAGE', part)).status], [type, 202])
  assert.deepEqual(client.events, [])
  await client.call('ACCEPT', launch(id.value, [task('t1')], 0))
  await client.nextOffer()
  assert.equal(solo.agent.tasks.size, 1)
})

test('operations that are asked for are unknown', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(multiRole)
  await client.call('RECONCILE_OPERATIONS', { reconcile_operations: { operations: [{ operation_id: { value: 'o1' } }] } })
  const { update_operation_status: update } = await client.next(({ type }) => type === 'UPDATE_OPERATION_STATUS')
  assert.deepEqual(update?.status, {
    operation_id: { value: 'o1' }, state: 'OPERATION_UNKNOWN', message: 'Reconciliation: Operation is unknown', agent_id: { value: agentId },
  })
})

test('a status of an operation is acknowledged with a uuid and an agent', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(multiRole)
  const text = async (part: object): Promise<string> => {
    const acknowledge = { operation_id: { value: 'o' }, ...part }
    return (await client.call('ACKNOWLEDGE_OPERATION_STATUS', { acknowledge_operation_status: acknowledge })).text
  }
  assert.equal(await text({ uuid: 'AAAA', agent_id: { value: agentId } }), 'Failed to validate scheduler::Call: Not a valid UUID')
  assert.equal(await text({ uuid }), "Failed to validate scheduler::Call: Expecting 'agent_id' to be present")
})

test('an updated framework is offered resources for its new roles, and offers for the old ones are rescinded', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(multiRole)
  const old = await client.nextOffer()
  assert.equal(old.allocation_info?.role, 'a')
  const info = { ...multiRole, id: { value: client.frameworkId }, roles: ['b', 'c'] }
  const answer = await client.call('UPDATE_FRAMEWORK', { update_framework: { framework_info: info, suppressed_roles: ['b'] } })
  assert.deepEqual([answer.status, answer.text], [200, ''])
  const { rescind } = await client.next(({ type }) => type === 'RESCIND')
  assert.deepEqual(rescind?.offer_id, old.id)
  assert.equal((await client.nextOffer()).allocation_info?.role, 'c')
})

test('an update that changes what cannot change, or makes no sense, is refused whole', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(multiRole)
  const update = async (more: object, suppressed: string[] = []): Promise<[number, string]> => {
    const info = { ...multiRole, id: { value: client.frameworkId }, ...more }
    const { status, text } = await client.call('UPDATE_FRAMEWORK', { update_framework: { framework_info: info, suppressed_roles: suppressed } })
    return [status, text]
  }
  const unsupported = 'FrameworkInfo update is not valid: Updating'
  assert.deepEqual(await update({ user: 'x' }),
    [400, `${unsupported} 'FrameworkInfo.user' is unsupported; attempted to update from 'root' to 'x'`])
  assert.deepEqual(await update({ checkpoint: true }),
    [400, `${unsupported} 'FrameworkInfo.checkpoint' is unsupported; attempted to update from 'false' to 'true'`])
  assert.deepEqual(await update({ principal: 'p' }), [400, "FrameworkInfo update is not valid: Changing framework's principal is not allowed."])
  assert.match((await update({ roles: ['/'] }))[1], /^Supplied FrameworkInfo is not valid: /)
  assert.match((await update({}, ['z']))[1], /^'UpdateFramework' call is not valid: Suppressed role 'z'/)
  assert.match((await update({ id: { value: 'other' } }))[1], /'framework_id' differs from 'update_framework\.framework_info\.id'/)
  assert.deepEqual(solo.master.frameworks()[0]?.info.roles, ['a', 'b'])
})

test('a framework that comes back keeps its user and its principal', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe({ ...multiRole, failover_timeout: 60 })
  const id = { value: client.frameworkId }
  const thief = await solo.client().subscribe({ ...multiRole, id, principal: 'other' }, { framework_id: id })
  assert.equal(thief.error?.message, "Changing framework's principal is not allowed.")
  const back = await solo.client().subscribe({ ...multiRole, id, user: 'other', name: 'renamed' }, { framework_id: id })
  assert.equal(back.type, 'SUBSCRIBED')
  const [framework] = solo.master.frameworks()
  assert.deepEqual([framework?.info.user, framework?.info.name], ['root', 'renamed'])
})

test('a task that is killed right after it was accepted is with the agent already', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(multiRole)
  const { id } = await client.nextOffer()
  const accepted = client.call('ACCEPT', launch(id.value, [task('t1')]))
  const killed = accepted.then(() => client.call('KILL', { kill: { task_id: { value: 't1' } } }))
  assert.deepEqual([(await accepted).status, (await killed).status], [202, 202])
  assert.deepEqual(solo.agent.calls.slice(1), ['launch t1', 'kill t1'])
})

test('an operation without tasks on an offer that is gone is told so by its id', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(multiRole)
  const operations = [{ type: 'RESERVE', id: { value: 'op' }, reserve: { resources: [] } }]
  await client.call('ACCEPT', { accept: { offer_ids: [{ value: 'gone' }], operations } })
  const { update_operation_status: update } = await client.next(({ type }) => type === 'UPDATE_OPERATION_STATUS')
  assert.equal(update?.status.message, 'Operation attempted with invalid offers: Offer gone is no longer valid')
})
