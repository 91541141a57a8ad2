import { statusLabels } from '../agent/task-status.ts'
import type { Task } from '../agent/task.ts'

/** One container as `/slipway/v1/containers` tells it. Times are milliseconds. */
export function containerReport (task: Task): object {
  const { container, lastStatus } = task
  const labels = new Map((lastStatus?.labels?.labels ?? []).map(({ key, value }) => [key, value]))
  return {
    container_id: task.containerId,
    container_name: container.spec.name,
    task_id: task.taskId,
    task_name: task.info.name,
    framework_id: task.frameworkId,
    state: container.state,
    task_state: lastStatus?.state,
    image: container.spec.image,
    sandbox: container.spec.sandbox.hostPath,
    stages: container.timeline.records.map(({ stage, outcome, startedAtMs, queueMs, durationMs }) => ({
      stage, outcome, started_at: new Date(startedAtMs).toISOString(), queue_ms: round(queueMs), duration_ms: round(durationMs),
    })),
    exit_code: container.termination?.exitCode,
    message: lastStatus?.message,
    error_code: labels.get(statusLabels.errorCode),
  }
}

function round (ms: number): number {
  return Math.round(ms * 10) / 10
}
