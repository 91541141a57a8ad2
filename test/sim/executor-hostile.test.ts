import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { settlesWithin } from '../../src/base/deadline.ts'
import { eventually } from '../support/eventually.ts'
import { ExecutorClient } from '../support/executor-client.ts'
import { executorInfo, taskOf } from '../support/executor-infos.ts'
import { executorWithTask } from '../support/executor-with-task.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'

interface Listed { readonly container_id: string, readonly task_id: string }

async function begin ({ url, token }: ExecutorClient): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {}).resume()
  await once(socket, 'connect')
  socket.write(`POST ${pathname} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`)
  return socket
}

async function listed (agent: TestAgent, taskId: string): Promise<Listed | undefined> {
  const { containers } = JSON.parse((await agent.get('/slipway/v1/containers')).text) as { containers: Listed[] }
  return containers.find(({ task_id: id }) => id === taskId)
}

test('so many bodies of one executor are on their way at once; another executor does not wait for them', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await framework.launch(taskOf(executorInfo('e'), 'one'), taskOf(executorInfo('f'), 'two'))
  const [hostile, other] = await Promise.all(['e', 'f'].map(async id => await (await ExecutorClient.of(engine.socket, id)).subscribe()))
  assert.ok(hostile !== undefined && other !== undefined)
  for (const executor of [hostile, other]) await executor.next('LAUNCH')
  const sockets = await Promise.all(Array.from({ length: 20 }, () => begin(hostile)))
  // Those that came before are let in before.
  const said = await eventually(async () => {
    const call = hostile.call('HEARTBEAT')
    return !await settlesWithin(call, 200) && { call }
  }, { reason: 'that its calls wait' })
  assert.equal((await other.update('two', 'TASK_RUNNING')).status, 202)
  for (const socket of sockets) socket.destroy()
  assert.equal((await said.call).status, 202)
  assert.equal((await hostile.update('one', 'TASK_RUNNING')).status, 202)
  await framework.until('one', 'TASK_RUNNING')
})

test('an executor that goes back and forth without end is remembered by its last words', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const executor = await executorWithTask(framework, engine.socket)
  for (let at = 0; at < 75; at++) {
    await executor.update('one', 'TASK_STARTING')
    await executor.update('one', 'TASK_RUNNING', { data: Buffer.alloc(1000).toString('base64') })
  }
  const { text } = await agent.get('/state')
  assert.equal(text.match(/"state": ?"TASK_STARTING"/g)?.length, 50)
})

test('an executor cannot tell of a task as if another container ran it', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [foreign = ''] = await framework.launch({ shell: 'sleep 100' })
  await framework.until(foreign, 'TASK_RUNNING')
  const { container_id: foreignContainer = '' } = await listed(agent, foreign) ?? {}
  await framework.launch(taskOf(executorInfo('e'), 'one'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  const { subscribed } = await executor.next('SUBSCRIBED')
  await executor.next('LAUNCH')
  await executor.update('one', 'TASK_RUNNING', { container_status: { container_id: { value: foreignContainer } } })
  assert.equal((await framework.until('one', 'TASK_RUNNING')).container_status?.container_id?.value, subscribed?.container_id?.value)
  await executor.update(foreign, 'TASK_FINISHED')
  await executor.next('ACKNOWLEDGED')
  assert.equal((await agent.get('/state')).text.includes('TASK_FINISHED'), false)
})
