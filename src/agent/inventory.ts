import type { v1 } from '../wire/messages.ts'
import type { Executor } from './executors/executor.ts'
import type { Update } from './status-streams.ts'
import type { Task } from './task.ts'

/** All that a master has to know of after it has lost sight of this agent. */
export interface Inventory {
  /** Those that are not over, and those of whose end no framework has confirmed to have heard. */
  readonly tasks: readonly v1.Task[]
  /** Of frameworks' own; that which stands behind a task with a command is nobody's business. */
  readonly executors: readonly v1.ExecutorInfo[]
}

export interface InventorySources {
  readonly open: readonly Task[]
  readonly unheard: Iterable<Update>
  readonly executors: readonly Executor[]
}

export function inventory ({ open, unheard, executors }: InventorySources): Inventory {
  const told = open.filter(({ isSilent }) => !isSilent)
  const present = new Set(told.map(({ frameworkId, taskId }) => `${frameworkId}/${taskId}`))
  const ended = [...unheard].flatMap(({ frameworkId, task }) => task === undefined || present.has(`${frameworkId}/${task.task_id.value}`) ? [] : [task])
  return {
    tasks: [...told.map(asMesosTask), ...ended],
    executors: executors.filter(({ state, isSilent }) => state !== 'TERMINATED' && !isSilent).map(({ info }) => info),
  }
}

/** As masters know it. */
export function asMesosTask ({ info, frameworkId, statuses, lastStatus }: Task): v1.Task {
  const { name, task_id: id, agent_id: agentId, executor, command, resources, labels, discovery, container, health_check: check, kill_policy: kill } = info
  const user = command?.user ?? executor?.command?.user
  return {
    name, task_id: id, agent_id: agentId, framework_id: { value: frameworkId }, state: lastStatus?.state ?? 'TASK_STAGING',
    resources, statuses: [...statuses], labels, discovery, container, health_check: check, kill_policy: kill, limits: info.limits,
    ...(executor !== undefined && { executor_id: executor.executor_id }), ...(user !== undefined && { user }),
  }
}
