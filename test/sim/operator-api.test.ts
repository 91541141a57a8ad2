import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { agent } from '../../src/wire/messages.ts'
import { decodeProtobuf, encodeProtobuf } from '../../src/wire/protobuf.ts'
import { eventually } from '../support/eventually.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'

async function call (on: TestAgent, body: object, path = '/api/v1'): Promise<{ status: number, text: string, json: () => agent.Response }> {
  const headers = { 'authorization': `Bearer ${on.token}`, 'content-type': 'application/json' }
  const answer = await fetch(on.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  return { status: answer.status, text, json: () => JSON.parse(text) as agent.Response }
}

test('a container can be waited for, ended and forgotten by the operator API', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'sleep 100' })
  const { container_status: status } = await framework.until(id, 'TASK_RUNNING')
  const container_id = { value: status?.container_id?.value ?? '' }
  const waiting = call(agent, { type: 'WAIT_CONTAINER', wait_container: { container_id } })
  const tooEarly = await call(agent, { type: 'REMOVE_CONTAINER', remove_container: { container_id } })
  assert.deepEqual([tooEarly.status, tooEarly.text], [400, `Container ${container_id.value} has not ended`])
  const oddSignal = await call(agent, { type: 'KILL_CONTAINER', kill_container: { container_id, signal: 10 } })
  assert.deepEqual([oddSignal.status, /SIGTERM/.test(oddSignal.text)], [501, true])
  assert.equal((await call(agent, { type: 'KILL_CONTAINER', kill_container: { container_id } })).status, 200)
  const { status: ok, json } = await waiting
  assert.equal(ok, 200)
  const { wait_container: wait } = json()
  assert.ok([137 << 8, 143 << 8].includes(wait?.exit_status ?? 0), String(wait?.exit_status))
  await framework.end(id)
  const later = (await call(agent, { type: 'WAIT_CONTAINER', wait_container: { container_id } })).json()
  assert.equal(later.wait_container?.state, 'TASK_KILLED')
  assert.equal((await call(agent, { type: 'REMOVE_CONTAINER', remove_container: { container_id } })).status, 200)
  const again = await call(agent, { type: 'KILL_CONTAINER', kill_container: { container_id } })
  assert.deepEqual([again.status, again.text], [404, `Container ${container_id.value} cannot be found`])
})

test('the lists of the operator API follow a task, and so do the figures', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const figures = async (): Promise<Record<string, number>> => JSON.parse((await agent.get('/metrics/snapshot?timeout=5secs')).text) as Record<string, number>
  const [id = ''] = await framework.launch({ shell: 'sleep 100' })
  await framework.until(id, 'TASK_RUNNING')
  const { get_state: running } = (await call(agent, { type: 'GET_STATE' }, '/slave(1)/api/v1')).json()
  assert.equal(running?.get_tasks?.launched_tasks?.[0]?.task_id.value, id)
  assert.equal(running.get_executors?.executors?.[0]?.executor_info.executor_id.value, id)
  assert.equal(running.get_frameworks?.frameworks?.[0]?.framework_info.id?.value, framework.frameworkId)
  const before = await figures()
  assert.deepEqual([before['slave/tasks_running'], before['slave/executors_running'], before['slave/cpus_used']], [1, 1, 0.1])
  assert.deepEqual([before['slave/registered'], before['slave/tasks_killed'], before['containerizer/docker/image_pull_ms']! >= 0], [1, 0, true])
  await framework.kill(id)
  await framework.end(id)
  await eventually(async () => {
    const { get_tasks: tasks } = (await call(agent, { type: 'GET_TASKS' })).json()
    assert.equal(tasks?.completed_tasks?.[0]?.state, 'TASK_KILLED')
  })
  const after = await figures()
  assert.deepEqual([after['slave/tasks_running'], after['slave/tasks_killed'], after['slave/executors_terminated'], after['slave/cpus_used']], [0, 1, 1, 0])
})

test('what this agent does not do is refused by its name', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const container_id = { value: 'x' }
  for (const body of [
    { type: 'LAUNCH_CONTAINER', launch_container: { container_id } },
    { type: 'ATTACH_CONTAINER_OUTPUT', attach_container_output: { container_id } },
    { type: 'SET_LOGGING_LEVEL', set_logging_level: { level: 1, duration: { nanoseconds: 1 } } },
    { type: 'REMOVE_RESOURCE_PROVIDER_CONFIG', remove_resource_provider_config: { type: 't', name: 'n' } },
  ]) {
    const { status, text } = await call(agent, body)
    assert.deepEqual([status, text.split(' is not supported: ')[0]], [501, body.type])
  }
})

test('the operator API speaks protobuf both ways', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const headers = { 'authorization': `Bearer ${agent.token}`, 'content-type': 'application/x-protobuf', 'accept': 'application/x-protobuf' }
  const ask = async (body: Uint8Array): Promise<Response> => {
    return await fetch(`${agent.url}/api/v1`, { method: 'POST', headers, body: new Blob([Uint8Array.from(body)]) })
  }
  const answer = await ask(encodeProtobuf('agent.Call', { type: 'GET_AGENT' }))
  const { get_agent: told } = decodeProtobuf('agent.Response', Buffer.from(await answer.arrayBuffer()))
  assert.match(told?.agent_info?.id?.value ?? '', /-S0$/)
  const garbage = await ask(Buffer.from([0xff, 0xff]))
  assert.deepEqual([garbage.status, await garbage.text()], [400, 'Failed to parse body into a protobuf object'])
})

test('with readers let in, everybody may look on and nobody else may act', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { authenticateReadonly: false })
  const status = async (path: string, method = 'GET'): Promise<number> => (await fetch(agent.url + path, { method })).status
  for (const path of ['/state', '/slave(1)/state', '/metrics/snapshot', '/containers', '/monitor/statistics', '/flags', '/files/debug', '/state?jsonp=cb']) {
    assert.equal(await status(path), 200, path)
  }
  for (const path of ['/files/read', '/files/download']) assert.equal(await status(path), 400, path)
  for (const path of ['/api/v1', '/slipway/v1/kill', '/api/v1/scheduler', '/slipway/v1/update', '/nowhere']) assert.equal(await status(path, 'POST'), 401, path)
  for (const path of ['/slipway/v1/containers', '/slipway/v1/events', '/logging/toggle?level=1']) assert.equal(await status(path), 401, path)
})
