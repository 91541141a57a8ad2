import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Task } from '../../../src/agent/task.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { containerReport } from '../../../src/operator/container-report.ts'
import { taskOf } from './tasks.ts'

const asJson = (task: Task): Record<string, unknown> => JSON.parse(JSON.stringify(containerReport(task, () => undefined))) as Record<string, unknown>

test('a container that waits is told by its names, with what is not known left out', () => {
  const { accepted_at: acceptedAt, ...report } = asJson(taskOf())
  assert.ok(Math.abs(Date.parse(String(acceptedAt)) - Date.now()) < 60_000)
  assert.deepEqual(report, {
    container_id: 'c1', container_name: 'mesos-c1', task_id: 't1', task_name: 'n', executor_id: 't1', framework_id: 'f1', framework_name: 'fw', agent_id: 'S0',
    state: 'queued', image: 'app:3', network: 'host', cpus: 1, mem_bytes: 64 << 20, sandbox: '/srv/slipway/c1', waiting_for: [], stages: [],
  })
})

test('stages come in the order they began, in milliseconds to the tenth', t => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 2, 3, 4, 5, 678) })
  const task = taskOf()
  const { timeline } = task.container
  timeline.begin('prepare')
  timeline.begun('prepare', 1.26)
  timeline.end('prepare', 'ok', 12.345)
  timeline.begin('pull')
  assert.deepEqual(asJson(task)['stages'], [
    { stage: 'prepare', outcome: 'ok', started_at: '2026-01-02T03:04:05.678Z', queue_ms: 1.3, duration_ms: 12.3 },
    { stage: 'pull', outcome: 'queued', started_at: '2026-01-02T03:04:05.678Z', queue_ms: 0, duration_ms: 0 },
  ])
})

test('an end is told with exit code, task state, message and error code', () => {
  const task = taskOf()
  task.container.end({ exitCode: 7, oomKilled: false, error: undefined, mayStillRun: false })
  task.lastStatus = {
    task_id: { value: 't1' }, state: 'TASK_FAILED', message: 'm', labels: { labels: [{ key: 'slipway.error_code', value: 'PULL_FAILED' }, { key: 'other' }] },
  }
  const report = asJson(task)
  assert.deepEqual([report['exit_code'], report['task_state'], report['message'], report['error_code']], [7, 'TASK_FAILED', 'm', 'PULL_FAILED'])
})

test('what is known of the engine\'s container is told: id, pid and address', () => {
  const task = taskOf()
  task.container.engineId = 'abc'
  task.container.inspected = {
    id: 'abc', running: true, pid: 42, status: 'running', exitCode: 0, oomKilled: false, error: '', ipAddress: '10.0.0.2', document: '{}',
  }
  task.ip = '10.0.0.2'
  const { engine_id: id, pid, ip } = asJson(task)
  assert.deepEqual([id, pid, ip], ['abc', 42, '10.0.0.2'])
})

test('a failure is told with its whole chain, its stage, its code and what to do', () => {
  const task = taskOf()
  const error = AgentError.wrap(new AgentError('STAGE_TIMEOUT', 'took over 60 s'), 'pull failed', { stage: 'pull' })
  task.container.end({ exitCode: undefined, oomKilled: false, error, mayStillRun: true })
  const { failure, may_still_run: mayStillRun } = asJson(task)
  assert.deepEqual(failure, { code: 'STAGE_TIMEOUT', stage: 'pull', message: 'pull failed: took over 60 s', hint: error.help, retry: true })
  assert.equal(mayStillRun, true)
})
