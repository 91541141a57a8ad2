import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { join } from 'node:path'
import { sandboxOf } from '../support/agent-places.ts'
import { eventually } from '../support/eventually.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

test('a task runs, its output is in the sandbox, and its container is removed', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'echo out; echo err >&2; exit 7' })
  const end = await framework.end(id)
  assert.equal(end.state, 'TASK_FAILED')
  assert.equal(end.message, 'Container exited with status 7')
  assert.deepEqual(end.labels?.labels, [{ key: 'slipway.exit_code', value: '7' }])
  assert.deepEqual(framework.statuses.get(id)?.map(({ state }) => state), ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED'])
  const sandbox = sandboxOf(agent.workDir, framework.frameworkId, id)
  assert.equal(await readFile(join(sandbox, 'stdout'), 'utf8'), 'out\n')
  assert.equal(await readFile(join(sandbox, 'stderr'), 'utf8'), 'err\n')
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
})

test('RUNNING carries the container\'s inspect as a JSON array', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'sleep 100' })
  const { data, container_status: status } = await framework.until(id, 'TASK_RUNNING')
  const [document] = JSON.parse(Buffer.from(data ?? []).toString()) as Array<{ Name: string }>
  assert.equal(document?.Name, `/mesos-${status?.container_id?.value}`)
})

test('a description that is too long to be written down is refused, naming its length; one that is nearly so lives through a restart', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  const framework = await agent.subscribe()
  const quotes = (count: number): Record<string, string> => ({ much: '"'.repeat(count) })          // two characters of JSON each, and four in a record
  const [long = '', short = ''] = await framework.launch({ shell: 'true', labels: quotes(500_000) }, { shell: 'sleep 100', labels: quotes(499_000) })
  const { state, message } = await framework.end(long)
  assert.equal(state, 'TASK_ERROR')
  assert.match(message ?? '', /TaskInfo has 1000\d{3} characters as JSON; at most 1000000 can be checkpointed/)
  await framework.until(short, 'TASK_RUNNING')
  await agent.kill('SIGKILL')
  await agent.start()
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  await again.kill(short, 0)
  assert.equal((await again.end(short)).state, 'TASK_KILLED')
})

test('RUNNING goes out without the inspect when that hangs', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await engine.fault('inspect', 'hang')
  const [id = ''] = await framework.launch({ shell: 'sleep 100' })
  const { data } = await framework.until(id, 'TASK_RUNNING')
  assert.equal(data, undefined)
  await engine.mend()
  await engine.release()
})

test('a kill sends SIGTERM, and a container that ends by it is KILLED', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'sleep 100' })
  await framework.until(id, 'TASK_RUNNING')
  await framework.kill(id)
  const end = await framework.end(id)
  assert.equal(end.state, 'TASK_KILLED')
  assert.equal(end.message, 'Container exited with status 143 (SIGTERM)')
})

test('a container that ignores SIGTERM is killed when its grace is over', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe('test', { capabilities: [{ type: 'TASK_KILLING_STATE' }] })
  const [id = ''] = await framework.launch({ shell: 'trap \'\' TERM; sleep 100', graceMs: 300 })
  await framework.until(id, 'TASK_RUNNING')
  await framework.kill(id)
  const end = await framework.end(id)
  assert.equal(end.message, 'Container exited with status 137 (SIGKILL)')
  assert.deepEqual(framework.statuses.get(id)?.map(({ state }) => state), ['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED'])
})

test('a second kill with a shorter grace hurries the first', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'trap \'\' TERM; sleep 100', graceMs: 3_600_000 })
  await framework.until(id, 'TASK_RUNNING')
  await framework.kill(id)
  await eventually(async () => (await engine.calls()).some(({ call }) => call === 'kill'))
  await framework.kill(id, 100)
  assert.equal((await framework.end(id)).message, 'Container exited with status 137 (SIGKILL)')
})

test('a kill while the image is pulled ends the launch, and no container is made', async () => {
  await using engine = await startSimEngine()
  await engine.addRemoteImage('registry.test/slow:1', { layers: 2, bytes: 1_000_000, chunkMs: 1000 })
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ image: 'registry.test/slow:1', shell: 'true' })
  await eventually(async () => (await engine.calls()).some(({ call }) => call === 'pull'))
  await framework.kill(id)
  const end = await framework.end(id)
  assert.equal(end.state, 'TASK_KILLED')
  assert.equal(end.reason, 'REASON_TASK_KILLED_DURING_LAUNCH')
  assert.equal((await engine.calls()).some(({ call }) => call === 'create'), false)
})

test('a missing image fails the task with the stage and the registry\'s words', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const end = await framework.run({ image: 'registry.test/none:1', shell: 'true' })
  assert.equal(end.state, 'TASK_FAILED')
  assert.equal(end.reason, 'REASON_CONTAINER_LAUNCH_FAILED')
  assert.match(end.message ?? '', /^Failed to launch container: pull failed: image registry\.test\/none:1: .*manifest unknown/)
})

test('a program that the image lacks fails the task at its start', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const end = await framework.run({ argv: ['no-such-program'] })
  assert.match(end.message ?? '', /start failed: .*no-such-program.*not found/)
  assert.deepEqual(end.labels?.labels, [{ key: 'slipway.error_code', value: 'COMMAND_NOT_FOUND' }, { key: 'slipway.stage', value: 'start' }])
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
})

test('an exit is noticed although the engine sends no event', async () => {
  await using engine = await startSimEngine()
  await engine.fault('events', 'hang')
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'sleep 100' })
  await framework.until(id, 'TASK_RUNNING')
  const [container] = await engine.containers()
  await engine.exit(container?.name ?? '', 3)
  assert.equal((await framework.end(id)).message, 'Container exited with status 3')
})

test('a restart removes what an earlier run of the same instance left, and nothing else', async () => {
  await using engine = await startSimEngine()
  await using first = await startTestAgent(engine.socket)
  await using other = await startTestAgent(engine.socket)
  const [mine, others] = [await first.subscribe(), await other.subscribe()]
  const [id = ''] = await mine.launch({ shell: 'sleep 100' })
  const [otherId = ''] = await others.launch({ shell: 'sleep 100' })
  await mine.until(id, 'TASK_RUNNING')
  const { container_status: kept } = await others.until(otherId, 'TASK_RUNNING')
  await engine.fault('kill', 'refuse')
  await engine.fault('remove', 'refuse', { times: 1 })
  await first.stop()
  await engine.mend()
  await using again = await startTestAgent(engine.socket, { workDir: first.workDir })
  assert.equal(again.instanceId, first.instanceId)
  await eventually(async () => {
    assert.deepEqual((await engine.containers()).map(({ name }) => name), [`mesos-${kept?.container_id?.value}`])
  })
})

test('a framework that goes away takes its tasks along', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'sleep 100' })
  await framework.until(id, 'TASK_RUNNING')
  framework.drop()
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
})
