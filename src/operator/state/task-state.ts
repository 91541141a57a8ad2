import type { Task } from '../../agent/task.ts'
import { printJson } from '../../wire/json.ts'
import type { MessageTypes, v1 } from '../../wire/messages.ts'
import { resourceSummary } from './resource-summary.ts'

const terminal: ReadonlySet<v1.TaskState> = new Set(['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED', 'TASK_GONE'])

/** Which list of its executor a task stands in. */
export function listOf ({ lastStatus }: Task): 'queued_tasks' | 'tasks' | 'completed_tasks' {
  if (lastStatus === undefined) return 'queued_tasks'
  return terminal.has(lastStatus.state) ? 'completed_tasks' : 'tasks'
}

/** A task as /state of a Mesos agent tells it. */
export function taskState (task: Task): object {
  const { info, lastStatus, statuses } = task
  return {
    id: task.taskId,
    name: info.name,
    framework_id: task.frameworkId,
    executor_id: task.executor?.executorId ?? '',     // as Mesos has it for a task without an executor of its own
    slave_id: info.agent_id.value,
    state: lastStatus?.state ?? 'TASK_STAGING',
    resources: resourceSummary(info.resources ?? []),
    role: roleOf(task),
    statuses: statuses.map(statusState),
    labels: info.labels?.labels,
    discovery: info.discovery && asJson('v1.DiscoveryInfo', info.discovery),
    container: info.container && asJson('v1.ContainerInfo', info.container),
    health_check: info.health_check && asJson('v1.HealthCheck', info.health_check),
  }
}

/** One that waits. Its environment stays out: it may hold secrets. */
export function queuedTaskState (task: Task): object {
  const { command: { shell = true, value, arguments: argv, uris } = {} } = task.info
  const { id, name, slave_id, resources, role, executor_id, discovery } = taskState(task) as Record<string, unknown>
  const files = uris?.map(uri => ({ value: uri.value, executable: uri.executable ?? false }))
  return { id, name, slave_id, resources, role, command: { shell, value, argv: argv ?? [], uris: files ?? [] }, executor_id, discovery }
}

export function roleOf ({ info, framework }: Task): string {
  return info.resources?.[0]?.allocation_info?.role ?? framework.role ?? '*'
}

function statusState ({ state, timestamp, labels, container_status: container, healthy }: v1.TaskStatus): object {
  return { state, timestamp, labels: labels?.labels, container_status: container && asJson('v1.ContainerStatus', container), healthy }
}

/** As Mesos prints a message: defaults filled in. */
function asJson<N extends keyof MessageTypes> (name: N, message: MessageTypes[N]): unknown {
  return JSON.parse(printJson(name, message))
}
