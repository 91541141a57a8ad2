import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agentId, launch, startSoloDoor, task } from '../../../support/solo-door.ts'

const aware = { user: 'root', name: 'test', capabilities: [{ type: 'PARTITION_AWARE' }] }

test('a kill of a known task goes to the agent with its policy', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(aware)
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [task('t1')]))
  const policy = { grace_period: { nanoseconds: 1_000_000 } }
  await client.call('KILL', { kill: { task_id: { value: 't1' }, agent_id: { value: agentId }, kill_policy: policy } })
  assert.deepEqual(solo.agent.tasks.get('t1')?.killed, policy)
})

test('a kill that names another agent does nothing', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(aware)
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [task('t1')]))
  await client.call('KILL', { kill: { task_id: { value: 't1' }, agent_id: { value: 'other' } } })
  assert.equal(solo.agent.tasks.get('t1')?.killed, 'no')
})

test('unknown tasks are answered as in a reconciliation', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(aware)
  await client.call('KILL', { kill: { task_id: { value: 'x' }, agent_id: { value: agentId } } })
  assert.equal((await client.nextStatus()).state, 'TASK_GONE')
  await client.call('RECONCILE', {
    reconcile: {
      tasks: [
        { task_id: { value: 'a' }, agent_id: { value: agentId } },
        { task_id: { value: 'b' } },
        { task_id: { value: 'c' }, agent_id: { value: 'other' } },
      ],
    },
  })
  const answers = [await client.nextStatus(), await client.nextStatus(), await client.nextStatus()]
  assert.deepEqual(answers.map(({ state, message, source, reason, uuid }) => [state, message, source, reason, uuid]), [
    ['TASK_GONE', 'Reconciliation: Task is unknown to the agent', 'SOURCE_MASTER', 'REASON_RECONCILIATION', undefined],
    ['TASK_UNKNOWN', 'Reconciliation: Task is unknown', 'SOURCE_MASTER', 'REASON_RECONCILIATION', undefined],
    ['TASK_UNKNOWN', 'Reconciliation: Task is unknown', 'SOURCE_MASTER', 'REASON_RECONCILIATION', undefined],
  ])
})

test('an older framework hears TASK_LOST instead', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe({ user: 'root', name: 'old' })
  await client.call('KILL', { kill: { task_id: { value: 'x' } } })
  assert.equal((await client.nextStatus()).state, 'TASK_LOST')
})

test('an acknowledgement of nothing is dropped', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(aware)
  const uuid = Buffer.alloc(16).toString('base64')
  for (const value of [agentId, 'other']) {
    const acknowledge = { agent_id: { value }, task_id: { value: 'x' }, uuid }
    assert.equal((await client.call('ACKNOWLEDGE', { acknowledge })).status, 202)
  }
  assert.deepEqual(solo.agent.calls.slice(1), ['acknowledge x'])
})

test('reconciliation of all tells the latest state without the data', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe(aware)
  await client.call('ACCEPT', launch((await client.nextOffer()).id.value, [task('t1'), task('t2')]))
  solo.agent.tell('t1', 'TASK_RUNNING', { data: Buffer.from('document'), container_status: { container_id: { value: 'c1' } } })
  assert.ok((await client.nextStatus()).data)
  await client.call('RECONCILE', { reconcile: { tasks: [] } })
  const { timestamp, ...running } = await client.nextStatus()
  assert.ok(timestamp)
  assert.deepEqual(running, {
    task_id: { value: 't1' }, state: 'TASK_RUNNING', message: 'Reconciliation: Latest task state', source: 'SOURCE_MASTER',
    reason: 'REASON_RECONCILIATION', agent_id: { value: agentId }, container_status: { container_id: { value: 'c1' } },
  })
  assert.equal((await client.nextStatus()).state, 'TASK_STAGING')
})
