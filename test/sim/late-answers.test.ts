import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

for (const how of ['refuse', 'hang'] as const) {
  test(`the end of a task is told although every look at its container meets "${how}": the list knows it as well`, async () => {
    await using engine = await startSimEngine()
    await using agent = await startTestAgent(engine.socket, { exitPollInterval: '100ms' })
    const framework = await agent.subscribe()
    const [id = ''] = await framework.launch({ shell: 'sleep 1; exit 3' })
    await framework.until(id, 'TASK_RUNNING')
    await engine.fault('inspect', how)
    const { state, message } = await framework.end(id)
    assert.deepEqual([state, message], ['TASK_FAILED', 'Container exited with status 3'])
  })
}
