import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../../support/eventually.ts'
import { assertBalanced, launch, startSoloDoor, task } from '../../../support/solo-door.ts'
import { printResources } from '../../../../src/model/resources-text.ts'
import { toResources } from '../../../../src/scheduler/solo/wire-resources.ts'

const total = 'ports:[31000-32000];cpus:4;mem:1024;disk:1000'
const info = { user: 'root', name: 'test' }
const capabilities = [{ type: 'MULTI_ROLE' }, { type: 'PARTITION_AWARE' }, { type: 'RESERVATION_REFINEMENT' }]
const multiRole = { ...info, roles: ['*'], capabilities }

test('a task goes from offer to acknowledged end, and everything is offered again', async () => {
  await using solo = await startSoloDoor(total)
  const client = solo.client()
  await client.subscribe(multiRole)
  const offer = await client.nextOffer()
  assert.equal((await client.call('ACCEPT', launch(offer.id.value, [task('t1')], 3600))).status, 202)
  assert.equal(printResources(solo.master.accounts().used), 'cpus:0.1; mem:32')

  for (const state of ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'] as const) {
    solo.agent.tell('t1', state)
    const status = await client.nextStatus()
    assert.equal(status.state, state)
    const answer = await client.call('ACKNOWLEDGE', {
      acknowledge: { agent_id: status.agent_id, task_id: status.task_id, uuid: status.uuid },
    })
    assert.equal(answer.status, 202)
  }
  assert.equal(solo.master.frameworks()[0]?.tasks.size, 1)
  solo.agent.release('t1')
  const again = await client.nextOffer()
  assert.deepEqual(again.resources, offer.resources)
  assert.notEqual(again.id.value, offer.id.value)
  assert.equal(solo.master.frameworks()[0]?.tasks.size, 0)
  assert.deepEqual(solo.agent.calls.filter(call => !call.startsWith('resend')),
    ['launch t1', 'acknowledge t1', 'acknowledge t1', 'acknowledge t1'])
})

test('an offer has the form that its framework understands', async () => {
  await using solo = await startSoloDoor('cpus:1')
  const old = solo.client()
  await old.subscribe(info)
  const offer = await old.nextOffer()
  assert.deepEqual(offer.resources, [{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, role: '*' }])
  assert.equal(offer.allocation_info, undefined)
  await old.call('TEARDOWN')

  const modern = solo.client()
  await modern.subscribe({ ...multiRole, roles: ['web'] })
  const allocated = await modern.nextOffer()
  assert.deepEqual(allocated.resources, [{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, allocation_info: { role: 'web' } }])
  assert.deepEqual(allocated.allocation_info, { role: 'web' })
})

test('what an ACCEPT leaves is not offered to the same framework before the filter ends, but to another at once', async () => {
  await using solo = await startSoloDoor(total)
  const first = solo.client()
  await first.subscribe(multiRole)
  await first.call('ACCEPT', launch((await first.nextOffer()).id.value, [task('t1')], 3600))
  const second = solo.client()
  await second.subscribe(multiRole)
  const offer = await second.nextOffer()
  assert.equal(offer.resources?.find(({ name }) => name === 'cpus')?.scalar?.value, 3.9)
  assert.equal(first.events.filter(({ type }) => type === 'OFFERS').length, 0)
})

test('a declined offer comes back when its filter ends', async () => {
  await using solo = await startSoloDoor(total)
  const client = solo.client()
  await client.subscribe(multiRole)
  const offer = await client.nextOffer()
  await client.call('DECLINE', { decline: { offer_ids: [offer.id], filters: { refuse_seconds: 0.2 } } })
  assert.equal(client.events.some(({ type }) => type === 'OFFERS'), false)
  assert.deepEqual((await client.nextOffer()).resources, offer.resources)
})

test('a suppressed framework is offered nothing until it revives', async () => {
  await using solo = await startSoloDoor(total)
  const client = solo.client()
  await client.subscribe(multiRole)
  const offer = await client.nextOffer()
  await client.call('SUPPRESS')
  await client.call('DECLINE', { decline: { offer_ids: [offer.id], filters: { refuse_seconds: 0 } } })
  assert.equal(printResources(solo.master.accounts().offered), '')
  await client.call('REVIVE')
  await client.nextOffer()
})

test('an unanswered offer is rescinded for a framework that waits', async () => {
  await using solo = await startSoloDoor(total, { offerTimeoutMs: 100 })
  const holder = solo.client()
  await holder.subscribe(multiRole)
  const held = await holder.nextOffer()
  const waiter = solo.client()
  await waiter.subscribe(multiRole)
  const { rescind } = await holder.next(({ type }) => type === 'RESCIND')
  assert.deepEqual(rescind?.offer_id, held.id)
  await waiter.nextOffer()
  await holder.call('ACCEPT', launch(held.id.value, [task('late')]))
  const status = await holder.nextStatus()
  assert.equal(status.state, 'TASK_DROPPED')
  assert.equal(status.message, `Task launched with invalid offers: Offer ${held.id.value} is no longer valid`)
})

test('an unanswered offer stays when nobody else waits', async () => {
  await using solo = await startSoloDoor(total, { offerTimeoutMs: 20, heartbeatMs: 100 })
  const client = solo.client()
  await client.subscribe(multiRole)
  const { id } = await client.nextOffer()
  await client.next(({ type }) => type === 'HEARTBEAT')
  await client.next(({ type }) => type === 'HEARTBEAT')
  await client.call('ACCEPT', launch(id.value, [task('t1')]))
  assert.deepEqual([...solo.agent.tasks.keys()], ['t1'])
})

test('one framework cannot spend the offer of another', async () => {
  await using solo = await startSoloDoor(total)
  const owner = solo.client()
  await owner.subscribe(multiRole)
  const { id } = await owner.nextOffer()
  const thief = solo.client()
  await thief.subscribe(multiRole)
  await thief.call('ACCEPT', launch(id.value, [task('stolen')]))
  assert.equal((await thief.nextStatus()).state, 'TASK_DROPPED')
  await thief.call('DECLINE', { decline: { offer_ids: [id] } })
  await owner.call('ACCEPT', launch(id.value, [task('mine')]))
  assert.deepEqual([...solo.agent.tasks.keys()], ['mine'])
})

test('tasks of one ACCEPT share what was offered, and a duplicate is refused', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:1024')
  const client = solo.client()
  await client.subscribe(info)
  const { id } = await client.nextOffer()
  const big = { resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.6 } }] }
  await client.call('ACCEPT', launch(id.value, [task('a', big), task('b', big), task('a'), task('c')]))
  const messages = [(await client.nextStatus()).message, (await client.nextStatus()).message]
  assert.deepEqual(messages, [
    'Total resources cpus(allocated: *):0.6 required by task and its executor is more than available ' +
      'cpus(allocated: *):0.4; mem(allocated: *):1024',
    'Task has duplicate ID: a',
  ])
  assert.deepEqual([...solo.agent.tasks.keys()], ['a', 'c'])
  assertBalanced(solo.master)
})

test('what this version cannot do is refused by task or operation, with the reason', async () => {
  await using solo = await startSoloDoor(total)
  const client = solo.client()
  await client.subscribe(multiRole)
  const { id } = await client.nextOffer()
  const executor = { executor_id: { value: 'e' }, command: { value: 'true' } }
  await client.call('ACCEPT', {
    accept: {
      offer_ids: [id],
      operations: [
        { type: 'LAUNCH', launch: { task_infos: [task('in-pod', { command: undefined, executor: { ...executor, type: 'DEFAULT' } })] } },
        { type: 'LAUNCH_GROUP', launch_group: { executor, task_group: { tasks: [task('in-group')] } } },
        { type: 'RESERVE', id: { value: 'op-1' }, reserve: { resources: toResources(new Map()) } },
      ],
    },
  })
  const first = await client.nextStatus()
  assert.equal(first.reason, 'REASON_TASK_INVALID')
  assert.match(first.message ?? '', /executors are not supported/)
  const second = await client.nextStatus()
  assert.equal(second.reason, 'REASON_TASK_GROUP_INVALID')
  assert.match(second.message ?? '', /LAUNCH_GROUP.*not supported/)
  const { update_operation_status: operation } = await client.next(({ type }) => type === 'UPDATE_OPERATION_STATUS')
  assert.equal(operation?.status.state, 'OPERATION_ERROR')
  assert.match(operation.status.message ?? '', /RESERVE.*not supported/)
})

test('many tasks that end one by one never unbalance the accounts', async () => {
  await using solo = await startSoloDoor(total)
  const client = solo.client()
  await client.subscribe(multiRole)
  const names = Array.from({ length: 30 }, (_, index) => `t${String(index)}`)
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, names.map(name => task(name)), 0))
  assert.equal(solo.agent.tasks.size, 30)
  for (const name of names) {
    solo.agent.release(name)
    assertBalanced(solo.master)
  }
  await eventually(() => printResources(solo.master.accounts().offered).includes('cpus'))
  assert.equal(printResources(solo.master.accounts().used), '')
})
