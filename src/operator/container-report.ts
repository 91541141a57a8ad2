import { statusLabels } from '../agent/task-status.ts'
import type { Task } from '../agent/task.ts'
import type { Container } from '../containerizer/container.ts'
import { chain, type AgentError } from '../model/errors.ts'
import { waitingFor, type PullLookup } from './waiting-for.ts'

/** One container as `/slipway/v1/containers` tells it. Times are milliseconds; what is not known is left out. */
export function containerReport (task: Task, pullOf: PullLookup): object {
  const { container, lastStatus } = task
  const { spec, termination, limits } = container
  return {
    ...idsOf(task),
    state: container.state,
    task_state: lastStatus?.state,
    accepted_at: new Date(container.acceptedAtMs).toISOString(),
    image: spec.image,
    network: spec.network,
    cpus: limits.cpus,
    mem_bytes: limits.memBytes,
    sandbox: spec.sandbox.hostPath,
    pid: container.inspected?.pid,
    ip: task.ip,
    waiting_for: waitingFor(container, pullOf),
    stages: stagesOf(container),
    exit_code: termination?.exitCode,
    oom_killed: termination?.oomKilled || undefined,
    may_still_run: termination?.mayStillRun || undefined,
    message: lastStatus?.message,
    error_code: lastStatus?.labels?.labels?.find(({ key }) => key === statusLabels.errorCode)?.value,
    failure: termination?.error && failureOf(termination.error),
  }
}

function idsOf ({ container, ...task }: Task): object {
  return {
    container_id: task.containerId,
    container_name: container.spec.name,
    engine_id: container.engineId,
    task_id: task.taskId,
    task_name: task.info.name,
    executor_id: task.executor?.executorId ?? task.taskId,
    framework_id: task.frameworkId,
    framework_name: task.framework.name,
    agent_id: task.info.agent_id.value,
  }
}

function stagesOf ({ timeline }: Container): object[] {
  return timeline.records.map(({ stage, outcome, startedAtMs, queueMs, durationMs }) => ({
    stage, outcome, started_at: new Date(startedAtMs).toISOString(), queue_ms: round(queueMs), duration_ms: round(durationMs),
  }))
}

function failureOf (error: AgentError): object {
  return { code: error.code, stage: error.detail['stage'], message: chain(error), hint: error.help, retry: error.retry }
}

function round (ms: number): number {
  return Math.round(ms * 10) / 10
}
