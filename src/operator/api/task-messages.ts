import type { Task } from '../../agent/task.ts'
import { isTerminal } from '../../agent/task-status.ts'
import type { TaskBook } from '../../agent/task-book.ts'
import type { agent, v1 } from '../../wire/messages.ts'
import { containerWithoutSecrets, healthCheckWithoutSecrets } from '../state/without-secrets.ts'

/** As the v1 API tells resources: what is not reserved has no role. */
export function withoutLegacyRole (resources: readonly v1.Resource[] | undefined): v1.Resource[] | undefined {
  return resources?.map(resource => {
    const { role, ...rest } = resource
    return role === '*' ? rest : resource
  })
}

/** A task as Mesos keeps it. What its environment holds stays out, as everywhere. */
function taskMessage ({ taskId, frameworkId, info, executor, statuses, lastStatus }: Task): v1.Task {
  return {
    name: info.name,
    task_id: { value: taskId },
    framework_id: { value: frameworkId },
    executor_id: executor && { value: executor.executorId },
    agent_id: info.agent_id,
    state: lastStatus?.state ?? 'TASK_STAGING',
    resources: withoutLegacyRole(info.resources),
    statuses,
    status_update_state: lastStatus?.state,
    status_update_uuid: lastStatus?.uuid,
    labels: info.labels,
    discovery: info.discovery,
    container: info.container && containerWithoutSecrets(info.container),
    health_check: info.health_check && healthCheckWithoutSecrets(info.health_check),
    kill_policy: info.kill_policy,
    user: info.command?.user,
    limits: info.limits,
  }
}

/** All that are remembered: waiting, running, told to have ended while their container may not have, over. */
export function taskLists (book: TaskBook): agent.Response_GetTasks {
  const open = new Set(book.open())
  const lists: Record<'queued_tasks' | 'launched_tasks' | 'terminated_tasks' | 'completed_tasks', v1.Task[]> = {
    queued_tasks: [], launched_tasks: [], terminated_tasks: [], completed_tasks: [],
  }
  for (const task of book.all()) lists[listOf(task, open)].push(taskMessage(task))
  return lists
}

function listOf (task: Task, open: ReadonlySet<Task>): 'queued_tasks' | 'launched_tasks' | 'terminated_tasks' | 'completed_tasks' {
  if (!open.has(task)) return 'completed_tasks'
  if (task.lastStatus === undefined) return 'queued_tasks'
  return isTerminal(task.lastStatus.state) ? 'terminated_tasks' : 'launched_tasks'
}
