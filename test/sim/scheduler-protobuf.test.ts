import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { eventually } from '../support/eventually.ts'
import { ProtobufFramework } from '../support/protobuf-framework.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

const info: v1.FrameworkInfo = {
  user: 'root', name: 'binary', failover_timeout: 60, capabilities: [{ type: 'PARTITION_AWARE' }, { type: 'TASK_KILLING_STATE' }],
}

test('a framework that speaks protobuf launches, fails over, reconciles, kills and goes', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const old = new ProtobufFramework(agent.url, agent.token)
  assert.equal((await old.subscribe(info)).type, 'SUBSCRIBED')
  const { id: offerId, agent_id: agentId } = await old.nextOffer()
  const tasks = Array.from({ length: 10 }, (_, number) => taskInfo(`binary-${number}`, agentId, number < 2 ? 'true' : 'sleep 600'))
  const ids = tasks.map(({ task_id: { value } }) => value)
  const operations: v1.Offer_Operation[] = [{ type: 'LAUNCH', launch: { task_infos: tasks } }]
  assert.equal(await old.call('ACCEPT', { accept: { offer_ids: [offerId], operations, filters: { refuse_seconds: 0 } } }), 202)
  await old.until(ids.slice(0, 2), 'TASK_FINISHED')
  const running = ids.slice(2)
  await old.until(running, 'TASK_RUNNING')

  const framework = new ProtobufFramework(agent.url, agent.token, old.id)
  const { subscribed } = await framework.subscribe(info)
  assert.equal(subscribed?.framework_id.value, old.id)
  await eventually(() => old.isOver)
  assert.equal(old.events.at(-1)?.error?.message, 'Framework failed over')
  assert.equal(await old.call('REVIVE'), 400)

  await reconcile(framework, running, agentId)

  for (const value of running) assert.equal(await framework.call('KILL', { kill: { task_id: { value } } }), 202)
  await framework.until(running, 'TASK_KILLED')
  for (const id of running) assert.deepEqual(framework.states.get(id), ['TASK_KILLING', 'TASK_KILLED'])

  assert.equal(await framework.call('TEARDOWN'), 202)
  await eventually(() => framework.isOver)
  const again = new ProtobufFramework(agent.url, agent.token, old.id)
  assert.equal((await again.subscribe(info)).error?.message, 'Framework has been removed')
})

async function reconcile (framework: ProtobufFramework, running: readonly string[], agentId: v1.AgentID): Promise<void> {
  await framework.call('RECONCILE', { reconcile: {} })
  await eventually(() => framework.answers.length >= running.length)
  assert.deepEqual(framework.answers.map(({ task_id: { value } }) => value).sort(), [...running].sort())
  assert.ok(framework.answers.every(({ state, reason }) => state === 'TASK_RUNNING' && reason === 'REASON_RECONCILIATION'))
  framework.answers.length = 0
  await framework.call('RECONCILE', { reconcile: { tasks: [{ task_id: { value: 'nobody' }, agent_id: agentId }, { task_id: { value: 'nobody' } }] } })
  await eventually(() => framework.answers.length === 2)
  assert.deepEqual(framework.answers.map(({ state }) => state), ['TASK_GONE', 'TASK_UNKNOWN'])
}

function taskInfo (value: string, agentId: v1.AgentID, command: string): v1.TaskInfo {
  return {
    name: value, task_id: { value }, agent_id: agentId,
    resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } }, { name: 'mem', type: 'SCALAR', scalar: { value: 32 } }],
    command: { shell: true, value: command },
    container: { type: 'DOCKER', docker: { image: 'busybox:latest', network: 'HOST' } },
    kill_policy: { grace_period: { nanoseconds: 1e9 } },
  }
}
