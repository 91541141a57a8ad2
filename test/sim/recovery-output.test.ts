import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { sandboxOf } from '../support/agent-places.ts'
import { eventually } from '../support/eventually.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { startSimEngine } from '../support/sim-engine.ts'

test('output that was still to be filled when the agent was killed, after the end was told, is filled by the next run', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'echo first; sleep 2; echo second; sleep 2; echo last' })
  const stdout = join(sandboxOf(agent.workDir, framework.frameworkId, id), 'stdout')
  await framework.until(id, 'TASK_RUNNING')
  await eventually(async () => { assert.equal(await readFile(stdout, 'utf8'), 'first\n') })
  await agent.kill('SIGKILL')
  await engine.fault('logs', 'hang')
  await agent.start()
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  assert.equal((await again.end(id)).state, 'TASK_FINISHED')
  await eventually(async () => await agent.metric('slipway_status_updates_pending') === 0)
  await agent.kill('SIGKILL')
  await engine.mend()
  await agent.start()
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) }, { withinMs: 30_000 })
  assert.equal(await readFile(stdout, 'utf8'), 'first\nsecond\nlast\n')
})

test('an engine that was lost while no agent ran leaves one marked gap, and one that goes on none', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'echo first; sleep 3; echo second; sleep 3; echo third; sleep 3; echo last; sleep 2' })
  const stdout = join(sandboxOf(agent.workDir, framework.frameworkId, id), 'stdout')
  const has = async (end: string): Promise<void> => {
    await eventually(async () => { assert.ok((await readFile(stdout, 'utf8')).endsWith(end)) }, { withinMs: 15_000 })
  }
  await framework.until(id, 'TASK_RUNNING')
  await has('first\n')
  await agent.kill('SIGKILL')
  await engine.restart()
  await agent.start()
  await has('second\n')
  await agent.kill('SIGKILL')
  await agent.start()
  await has('third\n')
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  assert.equal((await again.end(id)).state, 'TASK_FINISHED')
  assert.match(await readFile(stdout, 'utf8'), /^first\n\n\[slipway\] \S+ the engine was lost here: output may be missing\nsecond\nthird\nlast\n$/)
})
