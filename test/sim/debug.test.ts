import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cli } from '../support/cli-process.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

test('`slipway debug checkpoint` shows what an agent that runs has written down, without secrets', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'sleep 1000', environment: { PASSWORD: 'hunter2' } })
  await framework.until(id, 'TASK_RUNNING')
  const cli = new Cli({})
  const { code, stdout, stderr } = await cli.run('debug', 'checkpoint', '--json', '--work-dir', agent.workDir)
  assert.deepEqual([code, stderr], [0, ''])
  const shown = JSON.parse(stdout) as Record<string, Record<string, Record<string, unknown>>>
  const [[key = '', task] = []] = Object.entries(shown['task'] ?? {})
  assert.ok(key.endsWith(`/${id}`))
  assert.equal((task?.['info'] as { name: string }).name, id)
  assert.equal(Object.values(shown['container'] ?? {})[0]?.['phase'], 'running')
  assert.ok(Object.keys(shown['framework'] ?? {}).includes(framework.frameworkId))
  assert.doesNotMatch(stdout, /hunter2/)
  const forPeople = await cli.run('debug', 'checkpoint', '--work-dir', agent.workDir)
  assert.match(forPeople.stdout, /^container [0-9a-f-]{36}\n {2}"phase": "running",\n/)
  assert.doesNotMatch(forPeople.stdout, /hunter2/)
  await framework.kill(id)
  assert.equal((await framework.end(id)).state, 'TASK_KILLED', 'the agent did not mind')
})

test('`slipway debug checkpoint` says so where there is none', async () => {
  const { code, stderr } = await new Cli({}).run('debug', 'checkpoint', '--work-dir', '/not/there')
  assert.equal(code, 1)
  assert.match(stderr, /there is no checkpoint in \/not\/there/)
})
