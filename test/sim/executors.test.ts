import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Agent } from 'undici'
import type { v1 } from '../../src/wire/messages.ts'
import { eventually } from '../support/eventually.ts'
import { ExecutorClient, executorEnvironment } from '../support/executor-client.ts'
import { executorInfo, resources, taskOf } from '../support/executor-infos.ts'
import { executorWithTask } from '../support/executor-with-task.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

const checkpointing = { checkpoint: true, failover_timeout: 60, capabilities: [{ type: 'PARTITION_AWARE' }] }

test('an executor runs two tasks in one container, and what it says of them reaches the framework', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const info = executorInfo('e')
  const [first = '', second = ''] = await framework.launch(taskOf(info, 'one'), taskOf(info, 'two'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  const { subscribed } = await executor.next('SUBSCRIBED')
  assert.equal(subscribed?.executor_info.executor_id.value, 'e')
  assert.equal(subscribed.framework_info.id?.value, framework.frameworkId)
  assert.equal(subscribed.agent_info.id?.value, `${agent.instanceId}-S0`)
  assert.deepEqual([(await executor.next('LAUNCH')).launch?.task.task_id.value, (await executor.next('LAUNCH')).launch?.task.task_id.value], [first, second])

  for (const id of [first, second]) await executor.update(id, 'TASK_RUNNING', { message: 'up' })
  const { message, executor_id: executorId, container_status: status, agent_id: agentId } = await framework.until(first, 'TASK_RUNNING')
  assert.deepEqual([message, executorId?.value, agentId?.value], ['up', 'e', `${agent.instanceId}-S0`])
  assert.equal(status?.container_id?.value, subscribed.container_id?.value)
  await framework.until(second, 'TASK_RUNNING')
  assert.equal((await engine.containers()).length, 1)
  assert.equal((await executor.next('ACKNOWLEDGED')).acknowledged?.task_id.value, first)

  await executor.update(first, 'TASK_FINISHED')
  assert.equal((await framework.end(first)).state, 'TASK_FINISHED')
  assert.equal((await engine.containers()).length, 1)
})

test('an executor\'s container has what it and its tasks hold, and follows as they come and go', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const info = executorInfo('e')
  const memory = async (): Promise<unknown> => {
    const { containers } = JSON.parse((await agent.get('/slipway/v1/containers')).text) as { containers: Array<{ mem_bytes: number, cpus: number }> }
    return [containers[0]?.cpus, (containers[0]?.mem_bytes ?? 0) / 2 ** 20]
  }
  await framework.launch(taskOf(info, 'one'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await executor.next('LAUNCH')
  assert.deepEqual(await memory(), [0.2, 96])
  await framework.launch(taskOf(info, 'two', { resources: resources(1, 100) }))
  assert.equal((await executor.next('LAUNCH')).launch?.task.task_id.value, 'two')
  assert.deepEqual(await memory(), [1.2, 196])
  await executor.update('one', 'TASK_FINISHED')
  await eventually(async () => { assert.deepEqual(await memory(), [1.1, 164]) })
})

test('messages go both ways', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await framework.launch(taskOf(executorInfo('e'), 'one'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  const data = Buffer.from('hello').toString('base64')
  await framework.call('MESSAGE', { message: { agent_id: { value: `${agent.instanceId}-S0` }, executor_id: { value: 'e' }, data } })
  assert.equal(Buffer.from((await executor.next('MESSAGE')).message?.data ?? []).toString(), 'hello')
  await executor.say('echo:hello')
  await eventually(() => { assert.deepEqual(framework.messages, ['echo:hello']) })
})

test('a kill goes to the executor with its policy, and is the executor\'s to carry out', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const info = executorInfo('e')
  await framework.launch(taskOf(info, 'one'), taskOf(info, 'two'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await executor.next('LAUNCH')
  await framework.kill('one')
  assert.deepEqual((await executor.next('KILL')).kill, { task_id: { value: 'one' } })
  await framework.kill('two', 1500)
  assert.equal(Number((await executor.next('KILL')).kill?.kill_policy?.grace_period?.nanoseconds), 1.5e9)
  await executor.update('one', 'TASK_KILLING')
  await executor.update('one', 'TASK_KILLED', { message: 'as asked' })
  const end = await framework.end('one')
  assert.deepEqual([end.state, end.message], ['TASK_KILLED', 'as asked'])
  assert.equal((await engine.containers()).length, 1)
})

test('SHUTDOWN asks the executor to end, and its tasks are told to have failed with it', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const executor = await executorWithTask(framework, engine.socket)
  await executor.update('one', 'TASK_RUNNING')
  await framework.until('one', 'TASK_RUNNING')
  await framework.call('SHUTDOWN', { shutdown: { agent_id: { value: `${agent.instanceId}-S0` }, executor_id: { value: 'e' } } })
  await executor.next('SHUTDOWN')
  await engine.exit((await engine.containers())[0]?.name ?? '', 0)
  const end = await framework.end('one')
  assert.deepEqual([end.state, end.reason, end.source], ['TASK_FAILED', 'REASON_EXECUTOR_TERMINATED', 'SOURCE_AGENT'])
  assert.equal(end.message, 'Executor terminated; its container exited with status 0')
  assert.deepEqual(framework.failures.map(({ executor_id: id, status }) => [id?.value, status]), [['e', 0]])
  await executor.ended()
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
})

test('an executor that does not go when it is asked to is ended when its grace is over', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const info = executorInfo('e', { shutdown_grace_period: { nanoseconds: 200e6 } })
  await framework.launch(taskOf(info, 'one'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await framework.call('SHUTDOWN', { shutdown: { agent_id: { value: `${agent.instanceId}-S0` }, executor_id: { value: 'e' } } })
  await executor.next('SHUTDOWN')
  assert.equal((await framework.end('one')).reason, 'REASON_EXECUTOR_TERMINATED')
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
})

test('a teardown shuts executors down, and what they held is free for others', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { resources: 'cpus:1;mem:512;disk:10;ports:[31000-31001]' })
  const framework = await agent.subscribe('one', checkpointing)
  await framework.launch(taskOf(executorInfo('e'), 'one'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await framework.call('TEARDOWN')
  await executor.next('SHUTDOWN')
  await engine.exit((await engine.containers())[0]?.name ?? '', 0)
  const other = await agent.subscribe('two')
  const offered = (): v1.Resource[] => other.offers.flatMap(({ resources: all = [] }) => all).filter(({ name }) => name === 'cpus')
  const cpus = (): number => offered().reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0)
  await eventually(() => { assert.equal(cpus(), 1) })
})

test('an offer names the executors that the framework has here', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await framework.launch(taskOf(executorInfo('e'), 'one'))
  await eventually(() => { assert.deepEqual(framework.offers.at(-1)?.executor_ids?.map(({ value }) => value), ['e']) })
})

test('an executor finds the environment that Mesos gives it', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe('test', checkpointing)
  const environment = { variables: [{ name: 'USER_VAR', value: 'user value' }, { name: 'MESOS_EXECUTOR_ID', value: 'forged' }] }
  await framework.launch(taskOf(executorInfo('e', { command: { value: 'sleep 1000', environment } }), 'one'))
  const found = await executorEnvironment(engine.socket, 'e')
  const { MESOS_EXECUTOR_AUTHENTICATION_TOKEN: token, MESOS_CONTAINER_NAME: name, MESOS_DIRECTORY: directory, ...rest } = found
  const endpoint = agent.url.slice('http://'.length)
  assert.deepEqual(rest, {
    LIBPROCESS_IP: '127.0.0.1', LIBPROCESS_PORT: '0', MESOS_AGENT_ENDPOINT: endpoint, MESOS_SLAVE_PID: `slave(1)@${endpoint}`, MESOS_CHECKPOINT: '1',
    MESOS_EXECUTOR_ID: 'e', MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '5secs', MESOS_FRAMEWORK_ID: framework.frameworkId, MESOS_HTTP_COMMAND_EXECUTOR: '0',
    MESOS_RECOVERY_TIMEOUT: '15mins', MESOS_SANDBOX: '/mnt/mesos/sandbox', MESOS_SLAVE_ID: `${agent.instanceId}-S0`, MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs',
    MESOS_ALLOCATION_ROLE: '*', USER_VAR: 'user value',
  })
  assert.match(token ?? '', /^[\w-]{43}$/)
  assert.ok(directory?.startsWith(`${agent.workDir}/slaves/`) === true && directory.endsWith(name?.slice('mesos-'.length) ?? '?'))
})

test('an executor on a bridge reaches the agent at the gateway and by a socket, and nobody else but executors is served there', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const container = { type: 'DOCKER' as const, docker: { image: 'busybox:latest', network: 'BRIDGE' as const } }
  await framework.launch(taskOf(executorInfo('e', { container }), 'one'))
  const environment = await executorEnvironment(engine.socket, 'e')
  const { port } = new URL(agent.url)
  assert.equal(environment['MESOS_AGENT_ENDPOINT'], `127.0.0.2:${port}`)
  assert.equal(environment['MESOS_DOMAIN_SOCKET'], '/mnt/mesos/agent/executor.sock')

  await using dispatcher = closing(new Agent({ connect: { socketPath: `${agent.workDir}/executor-door/executor.sock` } }))
  const bySocket = await new ExecutorClient(environment, { dispatcher: dispatcher.value, endpoint: 'localhost' }).subscribe()
  await bySocket.next('LAUNCH')
  const one = { name: 'one', task_id: { value: 'one' }, agent_id: { value: 'a' } }
  const byGateway = await new ExecutorClient(environment).subscribe({ unacknowledged_tasks: [one] })
  await bySocket.ended()
  await byGateway.update('one', 'TASK_RUNNING')
  await framework.until('one', 'TASK_RUNNING')
  const elsewhere = await fetch(`http://127.0.0.2:${port}/state`, { headers: { authorization: `Bearer ${agent.token}` } })
  assert.equal(elsewhere.status, 404)

  await engine.exit((await engine.containers())[0]?.name ?? '', 0)
  await framework.end('one')
  await eventually(async () => { await assert.rejects(fetch(`http://127.0.0.2:${port}/state`)) })
})

test('/state, /slipway/v1/containers and /monitor/statistics know tasks by their executor, and show no token', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const info = executorInfo('e', { source: 'from here', labels: { labels: [{ key: 'k', value: 'v' }] } })
  await framework.launch(taskOf(info, 'one'), taskOf(info, 'two'), taskOf(info, 'three'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await executor.next('LAUNCH')
  await executor.update('one', 'TASK_RUNNING')
  await executor.update('two', 'TASK_FINISHED')
  await framework.end('two')
  const state = (await agent.get('/state')).text
  const { frameworks: [shown] } = JSON.parse(state) as { frameworks: Array<{ executors: ExecutorState[] }> }
  assert.equal(shown?.executors.length, 1)
  const { id, name, source, type, resources: { cpus }, tasks, completed_tasks: over, queued_tasks: queued } = shown.executors[0] as ExecutorState
  assert.deepEqual([id, name, source, type, cpus, tasks.length, over.length, queued.length], ['e', 'e', 'from here', 'CUSTOM', 0.3, 1, 1, 1])
  const containers = (await agent.get('/slipway/v1/containers')).text
  assert.equal((JSON.parse(containers) as { containers: Array<{ executor_id: string }> }).containers[0]?.executor_id, 'e')
  for (const text of [state, containers, (await agent.get('/flags')).text]) assert.ok(!text.includes(executor.token))
})

interface ExecutorState {
  id: string, name: string, source: string, type: string, resources: { cpus: number }, tasks: object[], completed_tasks: object[], queued_tasks: object[]
}

function closing<T extends { close (): Promise<void> }> (value: T): { value: T } & AsyncDisposable {
  return { value, [Symbol.asyncDispose]: () => value.close() }
}
