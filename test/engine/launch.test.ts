import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openEngine } from '../../src/engine/docker-engine.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

interface Document { HostConfig: Record<string, unknown>, Config: { Env: string[], Labels: Record<string, string> } }

const { socket, skip } = needsEngine()
let agent: TestAgent
let framework: TestFramework
let image: string

before(async () => {
  if (skip !== false) return
  image = await ensureBusybox(socket)
  agent = await startTestAgent(socket)
  framework = await agent.subscribe()
})

after(async () => {
  if (skip !== false) return
  await nothingIsLeft()
  await agent[Symbol.asyncDispose]()
})

async function nothingIsLeft (): Promise<void> {
  await eventually(async () => {
    assert.deepEqual(await openEngine({ socketPath: socket }).list(`slipway.agent=${agent.instanceId}`, AbortSignal.timeout(5000)), [])
  }, { withinMs: 30_000, reason: 'an engine without containers of ours' })
}

async function sandboxFile (taskId: string, name: string): Promise<string> {
  const executors = join(agent.workDir, 'slaves', `${agent.instanceId}-S0`, 'frameworks', framework.frameworkId, 'executors')
  return await readFile(join(executors, taskId, 'runs', 'latest', name), 'utf8')
}

for (const network of ['HOST', 'BRIDGE', 'NONE'] as const) {
  test(`a task on ${network} networking writes to both streams and ends with its exit code`, { skip }, async () => {
    const [id = ''] = await framework.launch({ image, network, shell: 'echo out; echo err >&2; exit 7' })
    const end = await framework.end(id)
    assert.equal(end.message, 'Container exited with status 7')
    await eventually(async () => {
      assert.equal(await sandboxFile(id, 'stdout'), 'out\n')
      assert.equal(await sandboxFile(id, 'stderr'), 'err\n')
    })
    await nothingIsLeft()
  })
}

test('200 runs of a bare echo lose no byte', { skip, timeout: 300_000 }, async () => {
  const wishes = Array.from({ length: 200 }, (_, at) => ({ id: `echo-${at}`, image, cpus: 0.01, mem: 32, argv: ['echo', `line of ${at}`] }))
  const ids = await framework.launch(...wishes)
  for (const [at, id] of ids.entries()) {
    assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
    await eventually(async () => { assert.equal(await sandboxFile(id, 'stdout'), `line of ${at}\n`) })
  }
  await nothingIsLeft()
})

test('the limits and labels of a task reach its container', { skip }, async () => {
  const [id = ''] = await framework.launch({ image, cpus: 0.5, mem: 64, shell: 'sleep 100', environment: { GREETING: 'hello' } })
  const { data } = await framework.until(id, 'TASK_RUNNING')
  const [document] = JSON.parse(Buffer.from(data ?? []).toString()) as [Document]
  assert.equal(document.HostConfig['CpuShares'], 512)
  assert.equal(document.HostConfig['Memory'], 64 << 20)
  assert.ok(document.Config.Env.includes('GREETING=hello'))
  assert.ok(document.Config.Env.includes('MESOS_SANDBOX=/mnt/mesos/sandbox'))
  assert.equal(document.Config.Labels['slipway.task'], id)
  assert.equal(document.Config.Labels['slipway.agent'], agent.instanceId)
  await framework.kill(id, 0)
  await framework.end(id)
})

test('an image that does not exist fails the task with stage and cause', { skip }, async () => {
  const end = await framework.run({ image: '127.0.0.1:1/none:1', shell: 'true' })
  assert.equal(end.state, 'TASK_FAILED')
  assert.match(end.message ?? '', /^Failed to launch container: pull failed: image 127\.0\.0\.1:1\/none:1: /)
})

test('a program that is not in the image fails the task with stage and cause, and nothing is left', { skip }, async () => {
  const end = await framework.run({ image, argv: ['no-such-program'] })
  assert.equal(end.state, 'TASK_FAILED')
  assert.match(end.message ?? '', /start failed: .*no-such-program/)
  assert.ok(end.labels?.labels?.some(({ value }) => value === 'COMMAND_NOT_FOUND'))
  await nothingIsLeft()
})

test('an image that says nothing of what to run, and a task that does not either, is told as just that', { skip }, async () => {
  const end = await framework.run({ image })
  assert.equal(end.state, 'TASK_FAILED')
  assert.match(end.message ?? '', /create failed: no command specified/i)
  assert.ok(end.labels?.labels?.some(({ value }) => value === 'NO_COMMAND'))
  await nothingIsLeft()
})

test('a container that ignores SIGTERM is killed when its grace is over', { skip }, async () => {
  const [id = ''] = await framework.launch({ image, shell: 'trap "" TERM; echo ready; while true; do sleep 0.1; done', graceMs: 500 })
  await framework.until(id, 'TASK_RUNNING')
  await eventually(async () => { assert.equal(await sandboxFile(id, 'stdout'), 'ready\n') })
  await framework.kill(id)
  const end = await framework.end(id)
  assert.equal(end.state, 'TASK_KILLED')
  assert.equal(end.message, 'Container exited with status 137 (SIGKILL)')
  await nothingIsLeft()
})

test('a task on host networking that comes without the token is refused', { skip }, async () => {
  const { port } = new URL(agent.url)
  const look = (path: string): string => `wget -S -O - http://127.0.0.1:${port}${path} 2>&1 | grep HTTP/`
  const [id = ''] = await framework.launch({ image, network: 'HOST', shell: `${look('/slipway/v1/containers')}; ${look('/health')}` })
  await framework.end(id)
  await eventually(async () => { assert.match(await sandboxFile(id, 'stdout'), /HTTP\/1\.1 401 .*\n.*HTTP\/1\.1 200 /) })
})
