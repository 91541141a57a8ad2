import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { executorEnvironment } from '../support/executor-client.ts'
import { executorInfo, resources, taskOf } from '../support/executor-infos.ts'
import { DriverExecutor } from '../support/driver-executor.ts'
import { ensureBusybox } from '../support/images.ts'
import { makeNodeFolder, type NodeFolder } from '../support/node-in-container.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent } from '../support/test-agent.ts'
import type { v1 } from '../../src/wire/messages.ts'

const { socket, skip } = needsEngine()

/** The program reads recordings and has much of the project with it: the container sees all of that, and nothing of it can be written. */
async function programInContainer (id: string, node: NodeFolder): Promise<v1.ExecutorInfo> {
  const image = await ensureBusybox(socket)
  const project: v1.Volume = { mode: 'RO', host_path: resolve('.'), container_path: '/project' }
  return executorInfo(id, {
    command: node.commandAt('/project/dist/test/support/driver-program.js'), resources: resources(0.1, 512),
    container: { type: 'DOCKER', docker: { image, network: 'HOST' }, volumes: [node.volume, project] },
  })
}

test('a recorded executor of the older driver runs its tasks in one container, hears messages and kills, and is shut down', { skip }, async () => {
  using node = makeNodeFolder()
  await using agent = await startTestAgent(socket, { allowHostPaths: `${node.path},${resolve('.')}`, executorRegistrationTimeout: '30s' })
  const framework = await agent.subscribe()
  const info = await programInContainer('old', node)
  await framework.launch(taskOf(info, 'one'), taskOf(info, 'two'), taskOf(info, 'stays'))
  assert.equal((await framework.end('one')).state, 'TASK_FINISHED')
  assert.equal((await framework.end('two')).state, 'TASK_FAILED')
  await framework.until('stays', 'TASK_RUNNING')
  assert.equal(await agent.metric('slipway_containers{state="running"}'), 1)

  const to = { agent_id: { value: `${agent.instanceId}-S0` }, executor_id: { value: 'old' } }
  await framework.call('MESSAGE', { message: { ...to, data: Buffer.from('hello').toString('base64') } })
  await eventually(() => framework.messages.includes('echo:hello'))
  await framework.kill('stays')
  assert.equal((await framework.end('stays')).state, 'TASK_KILLED')
  await framework.call('SHUTDOWN', { shutdown: to })
  await eventually(() => framework.failures.length === 1, { withinMs: 30_000, reason: 'the end of the executor' })
  assert.equal(framework.failures[0]?.status, 0)
})

test('several at once, each is known by its own container', { skip }, async () => {
  using node = makeNodeFolder()
  await using agent = await startTestAgent(socket, { allowHostPaths: `${node.path},${resolve('.')}`, executorRegistrationTimeout: '30s' })
  const frameworks = [await agent.subscribe('a'), await agent.subscribe('b')]
  await Promise.all(frameworks.map(async framework => {
    const ids = ['one', 'two']
    for (const id of ids) await framework.launch(taskOf(await programInContainer(id, node), `${id}-task`))
    for (const id of ids) {
      const end = await framework.end(`${id}-task`)
      assert.deepEqual([end.state, end.executor_id?.value], ['TASK_FINISHED', id])
    }
    await framework.call('TEARDOWN')
  }))
  await eventually(async () => await agent.metric('slipway_containers{state="running"}') === 0, { withinMs: 30_000, reason: 'their end' })
})

test('a program outside of the executor\'s container cannot register in its place', { skip }, async () => {
  await using agent = await startTestAgent(socket, { executorRegistrationTimeout: '3s' })
  const framework = await agent.subscribe()
  const image = await ensureBusybox(socket)
  const info = executorInfo('old', { container: { type: 'DOCKER', docker: { image, network: 'HOST' } } })
  await framework.launch(taskOf(info, 'one'))
  await using stranger = await DriverExecutor.start(await executorEnvironment(socket, 'old'))
  stranger.register()
  await eventually(() => stranger.peer.broken.length > 0, { reason: 'the stranger to be sent away' })
  assert.equal((await framework.end('one')).reason, 'REASON_EXECUTOR_REGISTRATION_TIMEOUT')
  assert.deepEqual(stranger.peer.received, [])
})
