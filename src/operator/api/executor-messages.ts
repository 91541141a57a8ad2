import type { Task } from '../../agent/task.ts'
import type { TaskBook } from '../../agent/task-book.ts'
import type { agent, v1 } from '../../wire/messages.ts'
import { hasLiveExecutor } from '../live-containers.ts'
import { executorName } from '../state/executor-name.ts'
import { commandWithoutSecrets, containerWithoutSecrets } from '../state/without-secrets.ts'
import { withoutLegacyRole } from './task-messages.ts'

/** One for each container. A task without an executor has one of its own in Mesos, named after it; here that is the container itself. */
export function executorLists (book: TaskBook): agent.Response_GetExecutors {
  const open = new Set(book.open())
  const newest = [...new Map([...book.all()].map(task => [task.containerId, task])).values()]
  const isLive = (task: Task): boolean => open.has(task) || hasLiveExecutor(task)
  const told = (tasks: Task[]): agent.Response_GetExecutors_Executor[] => tasks.map(task => ({ executor_info: executorMessage(task) }))
  return { executors: told(newest.filter(isLive)), completed_executors: told(newest.filter(task => !isLive(task))) }
}

function executorMessage ({ taskId, frameworkId, info, executor, container }: Task): v1.ExecutorInfo {
  if (executor !== undefined) return ownExecutor(executor.info, frameworkId)
  return {
    executor_id: { value: taskId },
    framework_id: { value: frameworkId },
    container: info.container && containerWithoutSecrets(info.container),
    name: executorName(info),
    source: taskId,
    shutdown_grace_period: { nanoseconds: container.spec.graceMs * 1_000_000 },
    labels: info.labels,
  }
}

function ownExecutor ({ data: _forTheExecutorAlone, ...info }: v1.ExecutorInfo, frameworkId: string): v1.ExecutorInfo {
  return {
    ...info,
    framework_id: { value: frameworkId },
    resources: withoutLegacyRole(info.resources),
    command: info.command && commandWithoutSecrets(info.command),
    container: info.container && containerWithoutSecrets(info.container),
  }
}
