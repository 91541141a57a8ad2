import type { Task } from '../../agent/task.ts'
import type { v1 } from '../../wire/messages.ts'
import { hasLiveExecutor } from '../live-containers.ts'
import { executorState } from './executor-state.ts'

/** Those with a task or an executor that is not over, and those without. */
export interface FrameworkStates { readonly frameworks: object[], readonly completed_frameworks: object[] }

/** `all` are the tasks that are remembered, `open` those of them that are not over. */
export function frameworkStates (all: Iterable<Task>, open: ReadonlySet<Task>): FrameworkStates {
  const tasksOf = new Map<string, Task[]>()
  for (const task of all) tasksOf.set(task.frameworkId, [...tasksOf.get(task.frameworkId) ?? [], task])
  const states: { frameworks: object[], completed_frameworks: object[] } = { frameworks: [], completed_frameworks: [] }
  for (const tasks of tasksOf.values()) {
    const isOpen = tasks.some(task => open.has(task) || hasLiveExecutor(task))
    states[isOpen ? 'frameworks' : 'completed_frameworks'].push(frameworkState(tasks, open))
  }
  return states
}

function frameworkState (tasks: readonly Task[], open: ReadonlySet<Task>): object {
  const info = tasks.at(-1)?.framework
  const isLive = ([task]: readonly Task[]): boolean => task !== undefined && (open.has(task) || hasLiveExecutor(task))
  const executors = [...byContainer(tasks).values()]
  return {
    id: tasks[0]?.frameworkId,
    name: info?.name,
    user: info?.user,
    failover_timeout: info?.failover_timeout ?? 0,
    checkpoint: info?.checkpoint ?? false,
    hostname: info?.hostname ?? '',
    principal: info?.principal ?? '',
    ...info && rolesOf(info),
    executors: executors.filter(isLive).map(own => executorState(own, open)),
    completed_executors: executors.filter(own => !isLive(own)).map(own => executorState(own, open)),
  }
}

function byContainer (tasks: readonly Task[]): Map<string, Task[]> {
  const containers = new Map<string, Task[]>()
  for (const task of tasks) containers.set(task.containerId, [...containers.get(task.containerId) ?? [], task])
  return containers
}

function rolesOf ({ capabilities = [], roles = [], role = '*' }: v1.FrameworkInfo): object {
  return capabilities.some(({ type }) => type === 'MULTI_ROLE') ? { roles } : { role }
}
