import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerReport } from '../../../src/operator/container-report.ts'
import { taskOf } from './tasks.ts'

test('a container that waits is told by its names, with what is not known left out', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(containerReport(taskOf()))), {
    container_id: 'c1', container_name: 'mesos-c1', task_id: 't1', task_name: 'n', framework_id: 'f1',
    state: 'queued', image: 'app:3', sandbox: '/work/c1', stages: [],
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
  const report = containerReport(task) as { stages: object[] }
  assert.deepEqual(report.stages, [
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
  const report = containerReport(task) as Record<string, unknown>
  assert.deepEqual([report['exit_code'], report['task_state'], report['message'], report['error_code']], [7, 'TASK_FAILED', 'm', 'PULL_FAILED'])
})
