import type { Task } from '../../agent/task.ts'
import type { v1 } from '../../wire/messages.ts'
import { executorName } from './executor-name.ts'
import { resourceSummary } from './resource-summary.ts'
import { listOf, queuedTaskState, roleOf, taskState } from './task-state.ts'

/** Those with a task that is not over, and those without. */
export interface FrameworkStates { readonly frameworks: object[], readonly completed_frameworks: object[] }

/** `all` are the tasks that are remembered, `open` those of them that are not over. */
export function frameworkStates (all: Iterable<Task>, open: ReadonlySet<Task>): FrameworkStates {
  const tasksOf = new Map<string, Task[]>()
  for (const task of all) tasksOf.set(task.frameworkId, [...tasksOf.get(task.frameworkId) ?? [], task])
  const states: { frameworks: object[], completed_frameworks: object[] } = { frameworks: [], completed_frameworks: [] }
  for (const tasks of tasksOf.values()) {
    const isOpen = tasks.some(task => open.has(task))
    states[isOpen ? 'frameworks' : 'completed_frameworks'].push(frameworkState(tasks, open))
  }
  return states
}

function frameworkState (tasks: readonly Task[], open: ReadonlySet<Task>): object {
  const info = tasks.at(-1)?.framework
  return {
    id: tasks[0]?.frameworkId,
    name: info?.name,
    user: info?.user,
    failover_timeout: info?.failover_timeout ?? 0,
    checkpoint: info?.checkpoint ?? false,
    hostname: info?.hostname ?? '',
    principal: info?.principal ?? '',
    ...info && rolesOf(info),
    executors: tasks.filter(task => open.has(task)).map(task => executorState(task, true)),
    completed_executors: tasks.filter(task => !open.has(task)).map(task => executorState(task, false)),
  }
}

function rolesOf ({ capabilities = [], roles = [], role = '*' }: v1.FrameworkInfo): object {
  return capabilities.some(({ type }) => type === 'MULTI_ROLE') ? { roles } : { role }
}

/** In Mesos every task without an executor gets one of its own, named after it; here that is the container itself. */
function executorState (task: Task, isOpen: boolean): object {
  const { taskId, containerId, container, info } = task
  const list = listOf(task)
  return {
    id: taskId,
    name: executorName(info),
    source: taskId,
    container: containerId,
    directory: container.spec.sandbox.hostPath,
    resources: resourceSummary(isOpen ? info.resources ?? [] : []),
    role: roleOf(task),
    labels: info.labels?.labels,
    tasks: [],
    queued_tasks: [],
    completed_tasks: [],
    [list]: [list === 'queued_tasks' ? queuedTaskState(task) : taskState(task)],
  }
}
