import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { sandboxOf } from '../support/agent-places.ts'
import { askEngine, callEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { resources, taskOf } from '../support/executor-infos.ts'
import { ensureBusybox } from '../support/images.ts'
import { makeNodeFolder, type NodeFolder } from '../support/node-in-container.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

const { socket, skip } = needsEngine()
let agent: TestAgent
let framework: TestFramework
let image: string
let node: NodeFolder
const network = `slipway-test-executors-${process.pid}`

before(async () => {
  if (skip !== false) return
  image = await ensureBusybox(socket)
  node = makeNodeFolder('sample-executor')
  await askEngine(socket, 'POST /networks/create', { body: { Name: network, Driver: 'bridge' } })
  agent = await startTestAgent(socket, { allowNetworks: 'host,bridge,none,*', allowHostPaths: node.path, executorRegistrationTimeout: '30s' })
  framework = await agent.subscribe('executors', { checkpoint: true, failover_timeout: 60, capabilities: [{ type: 'PARTITION_AWARE' }] })
})

after(async () => {
  if (skip !== false) return
  await agent[Symbol.asyncDispose]()
  await callEngine(socket, `DELETE /networks/${network}`)
  node[Symbol.dispose]()
})

type Network = v1.ContainerInfo_DockerInfo_Network

function sample (id: string, kind: Network, via: 'endpoint' | 'socket' = 'endpoint'): v1.ExecutorInfo {
  return {
    type: 'CUSTOM', executor_id: { value: id }, name: 'sample', resources: resources(0.2, 128),
    command: { ...node.command('sample-executor'), environment: { variables: [{ name: 'SAMPLE_VIA', value: via }] } },
    container: { type: 'DOCKER', volumes: [node.volume], docker: { image, network: kind }, ...(kind === 'USER' && { network_infos: [{ name: network }] }) },
  }
}

interface Line { direction: string, kind: string, json?: { type: string } }

/** What the recorded executor did, in its order: its calls, and the events that it heard. */
function recorded (): string[] {
  const lines = readFileSync(join('test', 'golden', 'executor', 'main.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line) as Line)
  return lines.flatMap(({ kind, json }) => kind === 'request' || kind === 'event' ? [`${kind === 'event' ? 'event ' : ''}${json?.type ?? ''}`] : [])
}

const ways = [['HOST', 'endpoint'], ['BRIDGE', 'endpoint'], ['BRIDGE', 'socket'], ['USER', 'endpoint'], ['NONE', 'socket']] as const
for (const [kind, via] of ways) {
  test(`an executor on ${kind}, by its ${via}, does what the recorded one did in one container`, { skip }, async () => {
    const id = `${kind}-${via}`
    const info = sample(id, kind, via)
    const [one, boom, two] = [`one-${id}`, `boom-${id}`, `two-${id}`]
    const aim = { agent_id: { value: `${agent.instanceId}-S0` }, executor_id: { value: id } }
    framework.messages.splice(0)
    framework.failures.splice(0)

    await framework.launch(taskOf(info, one))
    const { message, data, healthy, labels } = await framework.until(one, 'TASK_RUNNING')
    assert.deepEqual([message, Buffer.from(data ?? []).toString(), healthy, labels], ['up', 'some data', true, { labels: [{ key: 'k', value: 'v' }] }])
    await framework.launch(taskOf(info, boom, { name: 'boom' }))
    const failed = await framework.end(boom)
    assert.deepEqual([failed.state, failed.reason, failed.message], ['TASK_FAILED', 'REASON_COMMAND_EXECUTOR_FAILED', 'as asked'])
    await framework.call('MESSAGE', { message: { ...aim, data: Buffer.from('hello').toString('base64') } })
    await eventually(() => { assert.deepEqual(framework.messages, ['echo:hello']) })
    await framework.kill(one)
    assert.equal((await framework.end(one)).message, 'killed by request')
    await framework.launch(taskOf(info, two))
    await framework.until(two, 'TASK_RUNNING')
    assert.equal(await containersOf(id), 1)
    await framework.call('SHUTDOWN', { shutdown: aim })

    const end = await framework.end(two)
    assert.deepEqual([end.state, end.reason], ['TASK_FAILED', 'REASON_EXECUTOR_TERMINATED'])
    assert.equal(end.message, 'Executor terminated; its container exited with status 0')
    assert.deepEqual(framework.failures.map(({ executor_id: executorId, status }) => [executorId?.value, status]), [[id, 0]])
    await eventually(async () => { assert.equal(await containersOf(id), 0) })
    const lines = (await eventually(async () => {
      const output = await outputOf(id)
      return output.endsWith('event SHUTDOWN\n') && output
    })).trim().split('\n')
    assert.deepEqual(lines.map(line => line.replace(/ (200|202)$/, '')).sort(), recorded().sort())
    const asked = (all: readonly string[]): string[] => all.filter(line => /^event (?!ACKNOWLEDGED)/.test(line))
    assert.deepEqual(asked(lines), asked(recorded()))
  })
}

test('an executor that never registers is destroyed on time, and leaves nothing behind', { skip }, async () => {
  await using hasty = await startTestAgent(socket, { executorRegistrationTimeout: '1s', dockerStopTimeout: '1s' })
  const other = await hasty.subscribe()
  const info: v1.ExecutorInfo = {
    executor_id: { value: 'silent' }, command: { value: 'sleep 1000' }, resources: resources(0.1, 32),
    container: { type: 'DOCKER', docker: { image, network: 'HOST' } },
  }
  await other.launch(taskOf(info, 'never'))
  const { state, reason, message } = await other.end('never')
  assert.deepEqual([state, reason], ['TASK_FAILED', 'REASON_EXECUTOR_REGISTRATION_TIMEOUT'])
  assert.match(message ?? '', /^Executor did not register within 1secs/)
  await eventually(async () => { assert.equal(await containersOf('silent'), 0) })
})

test('the kernel holds an executor to what it and its tasks were promised', { skip }, async () => {
  const info = sample('limits', 'HOST')
  await framework.launch(taskOf(info, 'small'))
  await framework.until('small', 'TASK_RUNNING')
  const limits = async (): Promise<unknown> => {
    const call = `GET /containers/${await idOf('limits')}/json`
    const { HostConfig: { Memory, CpuShares } } = await askEngine<{ HostConfig: Record<string, number> }>(socket, call)
    return [(Memory ?? 0) / 2 ** 20, CpuShares]
  }
  assert.deepEqual(await limits(), [160, 307])
  await framework.launch(taskOf(info, 'large', { resources: resources(1, 200) }))
  await framework.until('large', 'TASK_RUNNING')
  assert.deepEqual(await limits(), [360, 1331])
  await framework.kill('large')
  await framework.end('large')
  await eventually(async () => { assert.deepEqual(await limits(), [160, 307]) })
})

async function list (executorId: string): Promise<Array<{ Id: string }>> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`slipway.executor=${executorId}`] }))
  return await askEngine(socket, `GET /containers/json?all=1&filters=${filters}`)
}

async function containersOf (executorId: string): Promise<number> { return (await list(executorId)).length }
async function idOf (executorId: string): Promise<string> { return (await list(executorId))[0]?.Id ?? '' }

async function outputOf (executorId: string): Promise<string> {
  return await readFile(join(sandboxOf(agent.workDir, framework.frameworkId, executorId), 'stdout'), 'utf8')
}
