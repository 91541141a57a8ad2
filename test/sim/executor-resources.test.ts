import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { askEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { ExecutorClient, executorEnvironment } from '../support/executor-client.ts'
import { executorInfo, resources, taskOf } from '../support/executor-infos.ts'
import { executorWithTask } from '../support/executor-with-task.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

const gpus: v1.Resource = { name: 'gpus', type: 'SCALAR', scalar: { value: 1 } }
const variables = { GIVEN: 'by the operator', MESOS_SANDBOX: '/elsewhere', MESOS_FRAMEWORK_ID: 'none', LIBRARY: '/opt/lib' }

interface HostConfig { readonly CpuQuota: number, readonly DeviceRequests?: ReadonlyArray<{ readonly DeviceIDs: readonly string[] }> }

async function hostConfigs (socket: string): Promise<HostConfig[]> {
  const all = await askEngine<Array<{ Id: string }>>(socket, 'GET /containers/json?all=1')
  return await Promise.all(all.map(async ({ Id }) => (await askEngine<{ HostConfig: HostConfig }>(socket, `GET /containers/${Id}/json`)).HostConfig))
}

test('limits and GPUs of a task that has an executor are refused by name, and the executor goes on', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { resources: 'cpus:4;mem:4096;disk:100;gpus:2' })
  const framework = await agent.subscribe('test', { capabilities: [{ type: 'GPU_RESOURCES' }] })
  const info = executorInfo('e')
  await framework.launch(taskOf(info, 'early', { limits: { cpus: { value: 2 } } }))
  assert.match((await framework.end('early')).message ?? '', /limits of a task that has an executor is not supported/)
  await framework.launch(taskOf(info, 'one'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await executor.next('LAUNCH')
  await framework.launch(taskOf(info, 'limited', { limits: { mem: { value: 64 } } }), taskOf(info, 'seeing', { resources: [...resources(0.1, 32), gpus] }))
  assert.match((await framework.end('limited')).message ?? '', /limits of a task/)
  assert.match((await framework.end('seeing')).message ?? '', /gpus of a task that has an executor is not supported/)
  await framework.launch(taskOf(info, 'two'))
  assert.equal((await executor.next('LAUNCH')).launch?.task.task_id.value, 'two')
})

test('the GPUs of an executor are nobody else\'s, with a task in its hands and without', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { resources: 'cpus:4;mem:4096;disk:100;gpus:3' })
  const framework = await agent.subscribe('test', { capabilities: [{ type: 'GPU_RESOURCES' }] })
  const info = executorInfo('e', { resources: [...resources(0.1, 64), gpus] })
  await framework.launch(taskOf(info, 'one'))
  const executor = await (await ExecutorClient.of(engine.socket, 'e')).subscribe()
  await executor.next('LAUNCH')
  await executor.update('one', 'TASK_FINISHED')
  await framework.end('one')
  const [other = ''] = await framework.launch({ shell: 'sleep 100', info: { resources: [...resources(0.1, 32), gpus] } })
  await framework.until(other, 'TASK_RUNNING')
  await framework.launch(taskOf(executorInfo('f', { resources: [...resources(0.1, 64), gpus] }), 'two'))
  await executorEnvironment(engine.socket, 'f')
  const ids = (await hostConfigs(engine.socket)).flatMap(({ DeviceRequests = [] }) => DeviceRequests.flatMap(({ DeviceIDs }) => DeviceIDs))
  assert.deepEqual(ids.sort(), ['0', '1', '2'])
})

test('with CFS quotas an executor\'s follows its tasks', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { cgroupsEnableCfs: true })
  const framework = await agent.subscribe()
  const quota = async (): Promise<number | undefined> => (await hostConfigs(engine.socket))[0]?.CpuQuota
  const executor = await executorWithTask(framework, engine.socket)
  assert.equal(await quota(), 20_000)
  await framework.launch(taskOf(executorInfo('e'), 'two', { resources: resources(1, 32) }))
  await executor.next('LAUNCH')
  assert.equal(await quota(), 120_000)
  await executor.update('two', 'TASK_FINISHED')
  await eventually(async () => await quota() === 20_000)
})

for (const how of ['text', 'file'] as const) {
  test(`what an operator gives executors is in their environment, over their own and below the agent's: as ${how}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-variables-'))
    const file = join(folder, 'variables.json')
    await writeFile(file, JSON.stringify(variables))
    try {
      await using engine = await startSimEngine()
      await using agent = await startTestAgent(engine.socket, { executor_environment_variables: how === 'file' ? `file://${file}` : JSON.stringify(variables) })
      const framework = await agent.subscribe()
      const environment = { variables: [{ name: 'GIVEN', value: 'by the framework' }, { name: 'OWN', value: 'kept' }] }
      await framework.launch(taskOf(executorInfo('e', { command: { value: 'sleep 1000', environment } }), 'one'))
      const { GIVEN, OWN, LIBRARY, MESOS_SANDBOX, MESOS_FRAMEWORK_ID } = await executorEnvironment(engine.socket, 'e')
      assert.deepEqual([GIVEN, OWN, LIBRARY], ['by the operator', 'kept', '/opt/lib'])
      assert.deepEqual([MESOS_SANDBOX, MESOS_FRAMEWORK_ID], ['/mnt/mesos/sandbox', framework.frameworkId])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
}
