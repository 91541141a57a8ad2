import type { Task } from '../../agent/task.ts'
import { hasLiveExecutor } from '../live-containers.ts'
import { executorName } from './executor-name.ts'
import { resourceSummary } from './resource-summary.ts'
import { listOf, queuedTaskState, roleOf, taskState } from './task-state.ts'

const lists = ['tasks', 'queued_tasks', 'completed_tasks'] as const

/** The tasks of one container as an executor with its tasks. In Mesos every task without an executor gets one of its own, named after it. */
export function executorState (tasks: readonly Task[], open: ReadonlySet<Task>): object {
  const newest = tasks.at(-1)
  if (newest === undefined) return {}
  const { containerId, container } = newest
  const held = [...tasks.filter(task => open.has(task)).flatMap(({ info }) => info.resources ?? []), ...ownResources(newest)]
  return {
    ...identityOf(newest),
    container: containerId,
    directory: container.spec.sandbox.hostPath,
    resources: resourceSummary(held),
    role: roleOf(newest),
    ...Object.fromEntries(lists.map(list => [list, tasks.filter(task => listOf(task) === list).map(list === 'queued_tasks' ? queuedTaskState : taskState)])),
  }
}

function identityOf ({ taskId, info, executor }: Task): object {
  if (executor === undefined) return { id: taskId, name: executorName(info), source: taskId, labels: info.labels?.labels }
  const { executorId, info: { name = '', source = '', labels } } = executor
  return { id: executorId, name, source, type: 'CUSTOM', labels: labels?.labels }
}

/** What an executor holds besides its tasks. */
function ownResources (task: Task): NonNullable<Task['info']['resources']> {
  return hasLiveExecutor(task) ? task.executor?.info.resources ?? [] : []
}
