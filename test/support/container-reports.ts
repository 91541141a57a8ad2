import type { ContainerReport } from '../../src/cli/container-report.ts'

/** A container that runs, as the agent tells it, with what the test wants otherwise. */
export function containerReport (more: Partial<ContainerReport> = {}): ContainerReport {
  const taskId = more.task_id ?? 'web'
  return {
    container_id: `c-${taskId}`, container_name: `mesos-c-${taskId}`, task_id: taskId, task_name: taskId, framework_id: 'F-0000', framework_name: 'tester',
    state: 'running', task_state: 'TASK_RUNNING', accepted_at: '2026-01-01T00:00:00.000Z', image: 'busybox',
    waiting_for: [],
    stages: [{ stage: 'start', outcome: 'ok', started_at: '2026-01-01T00:00:10.000Z', queue_ms: 1.2, duration_ms: 2000 }],
    ...more,
  }
}
