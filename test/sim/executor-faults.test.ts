import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { ExecutorClient } from '../support/executor-client.ts'
import { executorInfo, resources, taskOf } from '../support/executor-infos.ts'
import { executorWithTask } from '../support/executor-with-task.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'

const checkpointing = { checkpoint: true, failover_timeout: 60, capabilities: [{ type: 'PARTITION_AWARE' }] }
const one = { name: 'one', task_id: { value: 'one' }, agent_id: { value: 'a' } }

test('an executor that does not register in time is destroyed, and its tasks are told so', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { executorRegistrationTimeout: '300ms', dockerStopTimeout: '100ms' })
  const framework = await agent.subscribe()
  await framework.launch(taskOf(executorInfo('e'), 'one'), taskOf(executorInfo('e'), 'two'))
  for (const id of ['one', 'two']) {
    const { state, reason, message, source } = await framework.end(id)
    assert.deepEqual([state, reason, source], ['TASK_FAILED', 'REASON_EXECUTOR_REGISTRATION_TIMEOUT', 'SOURCE_AGENT'])
    assert.match(message ?? '', /^Executor did not register within 300ms; its container exited with status 143$/)
  }
  await nothingLeft(engine, agent)
  assert.equal(await agent.metric('slipway_stage_failures_total{stage="register",code="STAGE_TIMEOUT"}'), 1)
})

test('the time to register begins when the container runs, not before its image is pulled', async () => {
  await using engine = await startSimEngine()
  await engine.addRemoteImage('slow:1')
  await using agent = await startTestAgent(engine.socket, { executorRegistrationTimeout: '1s' })
  const framework = await agent.subscribe()
  await engine.fault('pull', 'hang', { times: 1 })
  const info = executorInfo('e', { container: { type: 'DOCKER', docker: { image: 'slow:1', network: 'HOST' } } })
  await framework.launch(taskOf(info, 'one'))
  await new Promise(resolve => { setTimeout(resolve, 1500) })
  await engine.release()
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await executor.next('LAUNCH')
})

test('an executor whose container cannot be made fails its tasks with the stage, and frees what it held', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const info = executorInfo('e', { container: { type: 'DOCKER', docker: { image: 'not/there:1', network: 'HOST' } } })
  await framework.launch(taskOf(info, 'one'))
  const { state, reason, message } = await framework.end('one')
  assert.deepEqual([state, reason], ['TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED'])
  assert.match(message ?? '', /^Failed to launch container: pull failed/)
  await nothingLeft(engine, agent)
})

test('what an executor asks for and cannot be is an error of its task that names the field, and nothing is held', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const docker = { image: 'busybox:latest', privileged: true }
  const wrong = {
    'executor.container': executorInfo('none', { container: undefined }),
    'executor.container.docker.privileged': executorInfo('privileged', { container: { type: 'DOCKER', docker } }),
    'executor.command.value': executorInfo('empty', { command: {} }),
    'DEFAULT': executorInfo('default', { type: 'DEFAULT' }),
  }
  await framework.launch(...Object.values(wrong).map((info, at) => taskOf(info, `t${at}`)))
  for (const [at, field] of Object.keys(wrong).entries()) {
    const { state, message } = await framework.end(`t${at}`)
    assert.equal(state, 'TASK_ERROR')
    assert.ok(message?.includes(field), message)
  }
  await nothingLeft(engine, agent)
})

test('an executor that ends takes its tasks along: they are told how, and resources are free', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe('test', checkpointing)
  await framework.launch(taskOf(executorInfo('e'), 'one'), taskOf(executorInfo('e'), 'two'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await executor.next('LAUNCH')
  await executor.update('one', 'TASK_RUNNING')
  await executor.update('two', 'TASK_FINISHED')
  await framework.end('two')
  await engine.exit((await engine.containers())[0]?.name ?? '', 3)
  const { state, reason, message } = await framework.end('one')
  assert.deepEqual([state, reason, message], ['TASK_FAILED', 'REASON_EXECUTOR_TERMINATED', 'Executor terminated; its container exited with status 3'])
  assert.deepEqual(framework.failures.map(({ status }) => status), [3 << 8])
  assert.equal(framework.statuses.get('two')?.length, 1)
  await nothingLeft(engine, agent)
})

test('an executor over its memory is told of as such', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await framework.launch(taskOf(executorInfo('e'), 'one'))
  await (await (await ExecutorClient.of(engine.socket, 'e')).subscribe()).next('LAUNCH')
  await engine.outOfMemory((await engine.containers())[0]?.name ?? '')
  assert.equal((await framework.end('one')).reason, 'REASON_CONTAINER_LIMITATION_MEMORY')
})

test('an executor without checkpoints that is cut off is ended', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const executor = await executorWithTask(framework, engine.socket)
  executor.drop()
  const { state, message } = await framework.end('one')
  assert.equal(state, 'TASK_FAILED')
  assert.match(message ?? '', /^Executor lost its connection to the agent/)
  await nothingLeft(engine, agent)
})

test('an executor with checkpoints may come back: kills and acknowledgements of meanwhile reach it, and repeats count once', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe('test', checkpointing)
  await framework.launch(taskOf(executorInfo('e'), 'one'))
  const before = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await before.next('LAUNCH')
  const running = before.status('one', 'TASK_RUNNING')
  await before.call('UPDATE', { update: { status: running } })
  await framework.until('one', 'TASK_RUNNING')
  before.drop()
  await eventually(async () => { assert.equal((await before.say('x')).status, 403) })
  await framework.kill('one')
  const after = await (await ExecutorClient.of(engine.socket, 'e')).subscribe({ unacknowledged_tasks: [one], unacknowledged_updates: [{ status: running }] })
  assert.equal((await after.next('ACKNOWLEDGED')).acknowledged?.task_id.value, 'one')
  await after.next('KILL')
  await after.update('one', 'TASK_KILLED')
  await framework.end('one')
  assert.deepEqual(framework.statuses.get('one')?.map(({ state }) => state), ['TASK_RUNNING', 'TASK_KILLED'])
})

test('an executor with checkpoints that does not come back is ended when its time is over', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { recoveryTimeout: '200ms' })
  const framework = await agent.subscribe('test', checkpointing)
  const executor = await executorWithTask(framework, engine.socket)
  executor.drop()
  const { state, reason, message } = await framework.end('one')
  assert.deepEqual([state, reason], ['TASK_GONE', 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT'])
  assert.match(message ?? '', /^Executor did not reregister within 200ms/)
  await nothingLeft(engine, agent)
})

test('a task that was sent and is not known to an executor that comes back is dropped', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe('test', checkpointing)
  await framework.launch(taskOf(executorInfo('e'), 'one'), taskOf(executorInfo('e'), 'two'))
  const before = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await before.next('LAUNCH')
  await (await ExecutorClient.of(engine.socket, 'e')).subscribe({ unacknowledged_tasks: [one] })
  await before.ended()
  const { state, reason } = await framework.end('two')
  assert.deepEqual([state, reason], ['TASK_DROPPED', 'REASON_AGENT_RESTARTED'])
  assert.equal(framework.statuses.has('one'), false)
})

test('a kill of the last task before its executor is there ends the launch', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await engine.fault('start', 'hang')
  await framework.launch(taskOf(executorInfo('e'), 'one'), taskOf(executorInfo('e'), 'two'))
  await framework.kill('one')
  assert.equal((await framework.end('one')).reason, 'REASON_TASK_KILLED_DURING_LAUNCH')
  await engine.mend()
  await framework.kill('two')
  assert.equal((await framework.end('two')).state, 'TASK_KILLED')
  await engine.release()
  await nothingLeft(engine, agent)
})

test('a task that comes while its executor goes is dropped, and one that comes later gets an executor anew', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe('test', checkpointing)
  await framework.launch(taskOf(executorInfo('e'), 'one'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await framework.call('SHUTDOWN', { shutdown: { agent_id: { value: `${agent.instanceId}-S0` }, executor_id: { value: 'e' } } })
  await executor.next('SHUTDOWN')
  await framework.launch(taskOf(executorInfo('e'), 'late'))
  const late = await framework.end('late')
  assert.deepEqual([late.state, late.reason, late.message], ['TASK_DROPPED', 'REASON_EXECUTOR_TERMINATED', 'Executor terminating'])
  await engine.exit((await engine.containers())[0]?.name ?? '', 0)
  await framework.end('one')
  await nothingLeft(engine, agent)
  await framework.launch(taskOf(executorInfo('e'), 'anew'))
  await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
})

test('limits that cannot be raised fail the task that wanted them, and no other', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const executor = await executorWithTask(framework, engine.socket)
  await engine.fault('update', 'refuse', { times: 1 })
  await framework.launch(taskOf(executorInfo('e'), 'two', { resources: resources(0.1, 500) }))
  const { state, reason, message } = await framework.end('two')
  assert.deepEqual([state, reason], ['TASK_FAILED', 'REASON_CONTAINER_UPDATE_FAILED'])
  assert.match(message ?? '', /^Failed to update resources for container: /)
  await framework.launch(taskOf(executorInfo('e'), 'three', { resources: resources(0.1, 500) }))
  assert.equal((await executor.next('LAUNCH')).launch?.task.task_id.value, 'three')
})

test('only the executor\'s own token speaks for it', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await framework.launch(taskOf(executorInfo('a'), 'one'), taskOf(executorInfo('b'), 'two'))
  const a = await ExecutorClient.of(engine.socket, 'a')
  const b = await (await ExecutorClient.of(engine.socket, 'b')).subscribe()
  const ask = (token: string | undefined): Promise<number> => fetch(b.url, {
    method: 'POST', body: b.body('MESSAGE', { message: { data: 'aGk=' } }),
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  }).then(({ status }) => status)
  assert.deepEqual([await ask(undefined), await ask('guess'), await ask(agent.token), await ask(a.token), await ask(b.token)], [401, 401, 401, 403, 202])
  assert.equal((await fetch(`${agent.url}/state`, { headers: { authorization: `Bearer ${a.token}` } })).status, 401)
})

test('an executor\'s update of a task that is not its own, or is over, goes nowhere and is acknowledged', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await framework.launch({ id: 'plain', shell: 'sleep 100' }, taskOf(executorInfo('e'), 'one'))
  await framework.until('plain', 'TASK_RUNNING')
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await executor.next('LAUNCH')
  await executor.update('plain', 'TASK_FAILED')
  await executor.update('one', 'TASK_FINISHED')
  await executor.update('one', 'TASK_FAILED')
  for (const id of ['plain', 'one', 'one']) assert.equal((await executor.next('ACKNOWLEDGED')).acknowledged?.task_id.value, id)
  await framework.end('one')
  assert.deepEqual(framework.statuses.get('one')?.map(({ state }) => state), ['TASK_FINISHED'])
  assert.equal(framework.statuses.get('plain')?.at(-1)?.state, 'TASK_RUNNING')
})

async function nothingLeft (engine: SimEngine, agent: TestAgent): Promise<void> {
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
  await eventually(async () => {
    const { unreserved_resources_allocated: used } = JSON.parse((await agent.get('/state')).text) as { unreserved_resources_allocated: object }
    assert.deepEqual(used, { cpus: 0, gpus: 0, mem: 0, disk: 0 })
  })
}
