import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineGround } from '../support/engine-ground.ts'
import { eventually } from '../support/eventually.ts'

interface Document { HostConfig: Record<string, unknown>, Config: { Env: string[], Labels: Record<string, string> } }

const ground = engineGround()
const { skip, image } = ground

for (const network of ['HOST', 'BRIDGE', 'NONE'] as const) {
  test(`a task on ${network} networking writes to both streams and ends with its exit code`, { skip }, async () => {
    const [id = ''] = await ground.framework.launch({ image, network, shell: 'echo out; echo err >&2; exit 7' })
    const end = await ground.framework.end(id)
    assert.equal(end.message, 'Container exited with status 7')
    await eventually(async () => {
      assert.equal(await ground.read(id, 'stdout'), 'out\n')
      assert.equal(await ground.read(id, 'stderr'), 'err\n')
    })
    await ground.nothingLeft()
  })
}

test('200 runs of a bare echo lose no byte', { skip, timeout: 300_000 }, async () => {
  const wishes = Array.from({ length: 200 }, (_, at) => ({ id: `echo-${at}`, image, cpus: 0.01, mem: 32, argv: ['echo', `line of ${at}`] }))
  const ids = await ground.framework.launch(...wishes)
  for (const [at, id] of ids.entries()) {
    assert.equal((await ground.framework.end(id)).state, 'TASK_FINISHED')
    await eventually(async () => { assert.equal(await ground.read(id, 'stdout'), `line of ${at}\n`) })
  }
  await ground.nothingLeft()
})

test('the limits and labels of a task reach its container', { skip }, async () => {
  const [id = ''] = await ground.framework.launch({ image, cpus: 0.5, mem: 64, shell: 'sleep 100', environment: { GREETING: 'hello' } })
  const { data } = await ground.framework.until(id, 'TASK_RUNNING')
  const [document] = JSON.parse(Buffer.from(data ?? []).toString()) as [Document]
  assert.equal(document.HostConfig['CpuShares'], 512)
  assert.equal(document.HostConfig['Memory'], 64 << 20)
  assert.ok(document.Config.Env.includes('GREETING=hello'))
  assert.ok(document.Config.Env.includes('MESOS_SANDBOX=/mnt/mesos/sandbox'))
  assert.equal(document.Config.Labels['slipway.task'], id)
  assert.equal(document.Config.Labels['slipway.agent'], ground.agent.instanceId)
  await ground.framework.kill(id, 0)
  await ground.framework.end(id)
})

test('an image that does not exist fails the task with stage and cause', { skip }, async () => {
  const end = await ground.framework.run({ image: '127.0.0.1:1/none:1', shell: 'true' })
  assert.equal(end.state, 'TASK_FAILED')
  assert.match(end.message ?? '', /^Failed to launch container: pull failed: image 127\.0\.0\.1:1\/none:1: /)
})

test('a program that is not in the image fails the task with stage and cause, and nothing is left', { skip }, async () => {
  const end = await ground.framework.run({ image, argv: ['no-such-program'] })
  assert.equal(end.state, 'TASK_FAILED')
  assert.match(end.message ?? '', /start failed: .*no-such-program/)
  assert.ok(end.labels?.labels?.some(({ value }) => value === 'COMMAND_NOT_FOUND'))
  await ground.nothingLeft()
})

test('an image that says nothing of what to run, and a task that does not either, is told as just that', { skip }, async () => {
  const end = await ground.framework.run({ image })
  assert.equal(end.state, 'TASK_FAILED')
  assert.match(end.message ?? '', /create failed: no command specified/i)
  assert.ok(end.labels?.labels?.some(({ value }) => value === 'NO_COMMAND'))
  await ground.nothingLeft()
})

test('a container that ignores SIGTERM is killed when its grace is over', { skip }, async () => {
  const [id = ''] = await ground.framework.launch({ image, shell: 'trap "" TERM; echo ready; while true; do sleep 0.1; done', graceMs: 500 })
  await ground.framework.until(id, 'TASK_RUNNING')
  await eventually(async () => { assert.equal(await ground.read(id, 'stdout'), 'ready\n') })
  await ground.framework.kill(id)
  const end = await ground.framework.end(id)
  assert.equal(end.state, 'TASK_KILLED')
  assert.equal(end.message, 'Container exited with status 137 (SIGKILL)')
  await ground.nothingLeft()
})

test('a task on host networking that comes without the token is refused', { skip }, async () => {
  const { port } = new URL(ground.agent.url)
  const look = (path: string): string => `wget -S -O - http://127.0.0.1:${port}${path} 2>&1 | grep HTTP/`
  const [id = ''] = await ground.framework.launch({ image, network: 'HOST', shell: `${look('/slipway/v1/containers')}; ${look('/health')}` })
  await ground.framework.end(id)
  await eventually(async () => { assert.match(await ground.read(id, 'stdout'), /HTTP\/1\.1 401 .*\n.*HTTP\/1\.1 200 /) })
})
