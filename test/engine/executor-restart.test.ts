import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { instanceOf } from '../support/agent-places.ts'
import { eventually } from '../support/eventually.ts'
import { executorInfo, resources, taskOf } from '../support/executor-infos.ts'
import { ensureBusybox } from '../support/images.ts'
import { makeNodeFolder, type NodeFolder } from '../support/node-in-container.ts'
import { nothingLeft } from '../support/nothing-left.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { needsEngine } from '../support/requires.ts'

const { socket, skip } = needsEngine()
const ids = ['v1-host', 'v1-bridge', 'v1-socket', 'driver']

/** Executors of both kinds, on host and bridge, as programs of their own. */
function executors (image: string, node: NodeFolder): v1.ExecutorInfo[] {
  const project: v1.Volume = { mode: 'RO', host_path: resolve('.'), container_path: '/project' }
  const sample = (id: string, network: 'HOST' | 'BRIDGE', via: string): v1.ExecutorInfo => executorInfo(id, {
    command: { ...node.command('sample-executor'), environment: { variables: [{ name: 'SAMPLE_VIA', value: via }] } },
    container: { type: 'DOCKER', docker: { image, network }, volumes: [node.volume] }, resources: resources(0.1, 128),
  })
  return [
    sample('v1-host', 'HOST', 'endpoint'), sample('v1-bridge', 'BRIDGE', 'endpoint'), sample('v1-socket', 'BRIDGE', 'socket'),
    executorInfo('driver', {
      command: node.commandAt('/project/dist/test/support/driver-program.js'), resources: resources(0.1, 512),
      container: { type: 'DOCKER', docker: { image, network: 'HOST' }, volumes: [node.volume, project] },
    }),
  ]
}

test('executors of both kinds live through a kill -9 and a restart of the agent, and go on with their tasks', { skip, timeout: 180_000 }, async () => {
  using node = makeNodeFolder('sample-executor')
  const image = await ensureBusybox(socket)
  await using agent = await startOwnAgent(socket, {
    allowHostPaths: `${node.path},${resolve('.')}`, executorRegistrationTimeout: '60s', executorReregistrationTimeout: '20s',
  })
  const instanceId = instanceOf(agent.workDir)
  const info = { checkpoint: true, capabilities: [{ type: 'PARTITION_AWARE' }] }
  let framework = await agent.subscribe(info)
  // The driver's program leaves a task at what comes before its end when its id says so.
  const tasks = ids.map(id => `stays-${id}`)
  await framework.launch(...executors(image, node).map(executor => taskOf(executor, `stays-${executor.executor_id.value}`)))
  for (const id of tasks) await framework.until(id, 'TASK_RUNNING')
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const port = Number(new URL(agent.url()).port)
    await eventually(async () => await agent.metric('slipway_status_updates_pending') === 0)
    await agent.kill(signal)
    await agent.start({ port })
    framework = await agent.subscribe({ ...info, id: { value: framework.frameworkId } })
    await eventually(() => { assert.equal(agent.log().filter(({ msg }) => msg === 'an executor subscribed').length, ids.length) }, { withinMs: 30_000 })
    for (const id of ids) {
      const aim = { agent_id: { value: `${instanceId}-S0` }, executor_id: { value: id } }
      await framework.call('MESSAGE', { message: { ...aim, data: Buffer.from(`${signal} ${id}`).toString('base64') } })
    }
    await eventually(() => { assert.deepEqual([...framework.messages].sort(), ids.map(id => `echo:${signal} ${id}`).sort()) }, { withinMs: 30_000 })
  }
  assert.equal([...framework.statuses.values()].flat().length, 0, 'nothing was told anew')
  for (const id of tasks) await framework.kill(id)
  for (const id of tasks) assert.equal((await framework.end(id)).state, 'TASK_KILLED')
  await framework.call('TEARDOWN')
  await eventually(async () => await agent.metric('slipway_containers{state="running"}') === 0, { withinMs: 30_000 })
  await nothingLeft(socket, instanceId)
})
