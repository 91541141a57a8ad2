import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { ExecutorClient, executorEnvironment } from '../support/executor-client.ts'
import { executorInfo, taskOf } from '../support/executor-infos.ts'
import { executorWithTask } from '../support/executor-with-task.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

const onBridge = { container: { type: 'DOCKER' as const, docker: { image: 'busybox:latest', network: 'BRIDGE' as const } } }

test('an executor that ends before it has registered is not waited for', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const startedAtMs = performance.now()
  await framework.launch(taskOf(executorInfo('e', { command: { value: 'exit 5' } }), 'one'))
  const { state, reason, message } = await framework.end('one')
  assert.deepEqual([state, reason, message], ['TASK_FAILED', 'REASON_EXECUTOR_TERMINATED', 'Executor terminated; its container exited with status 5'])
  assert.deepEqual(framework.failures.map(({ status }) => status), [5 << 8])
  assert.ok(performance.now() - startedAtMs < 30_000)
})

test('an executor that is gone is no executor any more: its token opens nothing', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const executor = await executorWithTask(framework, engine.socket)
  await engine.exit((await engine.containers())[0]?.name ?? '', 0)
  await framework.end('one')
  await executor.ended()
  await eventually(async () => { assert.equal((await executor.say('hi')).status, 401) })
})

test('one that subscribes while it is to end is told so again, and its updates still count', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe('test', { checkpoint: true, failover_timeout: 60 })
  const executor = await executorWithTask(framework, engine.socket)
  await framework.call('SHUTDOWN', { shutdown: { agent_id: { value: `${agent.instanceId}-S0` }, executor_id: { value: 'e' } } })
  await executor.next('SHUTDOWN')
  const again = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await again.next('SHUTDOWN')
  await again.ended()
  await executor.update('one', 'TASK_KILLED', { message: 'on its way out' })
  assert.equal((await framework.end('one')).message, 'on its way out')
  await engine.exit((await engine.containers())[0]?.name ?? '', 0)
  await eventually(() => framework.failures.length === 1)
})

test('the end of the agent ends executors, and their tasks are told why', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const executor = await executorWithTask(framework, engine.socket)
  const stopped = agent.stop()
  await executor.next('SHUTDOWN')
  const { state, message } = await framework.end('one')
  assert.equal(state, 'TASK_FAILED')
  assert.match(message ?? '', /the agent is stopping/)
  await stopped
  assert.deepEqual(await engine.containers(), [])
})

for (const [how, told] of [['refuse', /^Failed to launch container: create failed: /], ['hang', /create failed: took over 1 s/]] as const) {
  test(`an engine that answers "${how}" when it is asked for the gateway fails the launch, and nothing is left`, async () => {
    await using engine = await startSimEngine()
    await using agent = await startTestAgent(engine.socket, { createTimeout: '1s' })
    const framework = await agent.subscribe()
    await engine.fault('inspectNetwork', how)
    await framework.launch(taskOf(executorInfo('e', onBridge), 'one'))
    const { state, reason, message } = await framework.end('one')
    assert.deepEqual([state, reason], ['TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED'])
    assert.match(message ?? '', told)
    await engine.mend()
    await engine.release()
    await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
    await framework.launch(taskOf(executorInfo('e', onBridge), 'two'))
    const environment = await executorEnvironment(engine.socket, 'e')
    assert.ok(environment['MESOS_AGENT_ENDPOINT']?.startsWith('127.0.0.2:'))
  })
}

test('a slow engine that cannot be asked for limits holds tasks back, and a kill takes them out', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const executor = await executorWithTask(framework, engine.socket)
  await engine.fault('update', 'hang')
  await framework.launch(taskOf(executorInfo('e'), 'two'))
  await framework.kill('two')
  const { state, reason } = await framework.end('two')
  assert.deepEqual([state, reason], ['TASK_KILLED', 'REASON_TASK_KILLED_DURING_LAUNCH'])
  await engine.mend()
  await engine.release()
  await framework.launch(taskOf(executorInfo('e'), 'three'))
  assert.equal((await executor.next('LAUNCH')).launch?.task.task_id.value, 'three')
})

test('with authentication off an executor needs no token', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { authenticate: false })
  const framework = await agent.subscribe()
  await framework.launch(taskOf(executorInfo('e'), 'one'))
  const { MESOS_EXECUTOR_AUTHENTICATION_TOKEN: _token, ...environment } = await executorEnvironment(engine.socket, 'e')
  const executor = await new ExecutorClient(environment).subscribe()
  await executor.next('LAUNCH')
  await executor.update('one', 'TASK_FINISHED')
  assert.equal((await framework.end('one')).state, 'TASK_FINISHED')
})
