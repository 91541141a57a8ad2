import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { eventually } from '../support/eventually.ts'
import { TestMaster } from '../support/mesos-master/test-master.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestSettings } from '../support/test-agent.ts'

const framework: v1.FrameworkInfo = { user: 'root', name: 'f', id: { value: 'f1' }, checkpoint: true, capabilities: [{ type: 'TASK_KILLING_STATE' }, { type: 'PARTITION_AWARE' }] }

function task (id: string, line: string): v1.TaskInfo {
  return {
    name: id, task_id: { value: id }, agent_id: { value: '' },
    resources: [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 }, allocation_info: { role: '*' } },
      { name: 'mem', type: 'SCALAR', scalar: { value: 32 }, allocation_info: { role: '*' } },
    ],
    command: { value: line, shell: true }, container: { type: 'DOCKER', docker: { image: 'busybox', network: 'HOST' } },
  }
}

const settings = (master: TestMaster, more: TestSettings = {}): TestSettings => ({ master: master.address, registrationBackoffFactor: '50ms', ...more })

test('an agent registers with a master, runs a task for it, and tells of it until that is acknowledged', async () => {
  await using engine = await startSimEngine()
  await using master = await TestMaster.start()
  await using agent = await startTestAgent(engine.socket, settings(master))
  await master.registered()
  assert.equal(await agent.metric('slipway_master_registered'), 1)
  master.run(task('t1', 'echo hello; sleep 0.2; exit 3'), framework)
  const failed = await master.reaches('t1', 'TASK_FAILED')
  assert.deepEqual(master.statesOf('t1'), ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED'])
  assert.equal(failed.message, 'Container exited with status 3')
  await eventually(async () => await agent.metric('slipway_status_updates_pending') === 0)
  master.ping()
  await eventually(() => master.of('internal.PongSlaveMessage').length === 2)
})
