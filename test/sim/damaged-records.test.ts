import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLmdb } from '../../src/store/lmdb-file.ts'
import { checkpointFolder } from '../../src/store/open-checkpoint.ts'
import { eventually } from '../support/eventually.ts'
import { executorEnvironment, ExecutorClient } from '../support/executor-client.ts'
import { executorInfo, taskOf } from '../support/executor-infos.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { startSimEngine } from '../support/sim-engine.ts'

const aware = { checkpoint: true, capabilities: [{ type: 'PARTITION_AWARE' }] }

test('a damaged record of an executor is named and changes nothing; passed over, its task has an end and nothing is left', { timeout: 120_000 }, async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  const framework = await agent.subscribe(aware)
  await framework.launch(taskOf(executorInfo('damaged'), 'one'))
  const client = await new ExecutorClient(await executorEnvironment(engine.socket, 'damaged')).subscribe()
  await client.next('LAUNCH')
  await agent.kill('SIGKILL')
  client.drop()
  const key = await damage(agent.workDir, 'executor')

  const before = await engine.containers()
  const { code, stderr } = await agent.startBadly()
  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`the checkpoint's record ${key} cannot be read`))
  assert.doesNotMatch(stderr, /\n {4}at /)
  assert.deepEqual(await engine.containers(), before)

  await agent.start({ strict: false })
  assert.ok(agent.log().some(line => line['key'] === key && line.msg.includes('is passed over')))
  assert.equal(await agent.metric('slipway_recovery_errors_total'), 1)
  const again = await agent.subscribe({ ...aware, id: { value: framework.frameworkId } })
  const { state, message } = await again.end('one')
  assert.deepEqual([state, message], ['TASK_KILLED', 'Container exited with status 143 (SIGTERM); the record of its executor cannot be read'])
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) }, { withinMs: 20_000 })
})

for (const [family, left] of [['container', 0], ['task', 0], ['framework', 0], ['update', 1]] as const) {
  test(`a damaged record of family ${family} is named and changes nothing; passed over, the agent goes on without it`, { timeout: 120_000 }, async () => {
    await using engine = await startSimEngine()
    await using agent = await startOwnAgent(engine.socket)
    const framework = await agent.subscribe({}, family === 'update')
    const [id = ''] = await framework.launch({ shell: 'sleep 1000' })
    await framework.until(id, family === 'update' ? 'TASK_STARTING' : 'TASK_RUNNING')
    await eventually(async () => { assert.equal((await engine.containers())[0]?.state, 'running') })
    await agent.kill('SIGKILL')
    const key = await damage(agent.workDir, family)

    const before = await engine.containers()
    const { code, stderr } = await agent.startBadly()
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`the checkpoint's record ${key} cannot be read`))
    assert.doesNotMatch(stderr, /\n {4}at /)
    assert.deepEqual(await engine.containers(), before)

    await agent.start({ strict: false })
    assert.ok(agent.log().some(line => line['key'] === key && line.msg.includes('is passed over')))
    await eventually(async () => { assert.equal((await engine.containers()).length, left) }, { withinMs: 20_000 })
    const again = await agent.subscribe(family === 'framework' ? {} : { id: { value: framework.frameworkId } })
    assert.equal((await again.run({ shell: 'true' })).state, 'TASK_FINISHED')
  })
}

/** The field of a record that is spoiled. */
const spoiled = { container: 'spec', task: 'info', framework: 'info', update: 'status', executor: 'info' } as const

/** As a bad sector or a hand would. */
async function damage (workDir: string, family: keyof typeof spoiled): Promise<string> {
  const file = openLmdb(checkpointFolder(workDir))
  try {
    const [key = '', text = ''] = [...file.entries()].find(([path]) => path.startsWith(`${family}/`)) ?? []
    const record = JSON.parse(text) as Record<string, unknown>
    const value = record[spoiled[family]]
    await file.write(new Map([[key, JSON.stringify({ ...record, [spoiled[family]]: typeof value === 'string' ? value.slice(0, -10) : 7 })]]))
    return key
  } finally {
    await file.close()
  }
}
