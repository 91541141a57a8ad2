import type { v1 } from '../wire/messages.ts'
import type { Executor } from './executors/executor.ts'
import type { Update } from './status-streams.ts'
import { isTerminal } from './task-status.ts'
import type { Task } from './task.ts'

/** A task of an earlier run, for whoever schedules tasks. */
export interface RecoveredTask {
  readonly frameworkId: string
  readonly taskId: string
  /** What it holds until it is released; undefined: it has been. */
  readonly resources: readonly v1.Resource[] | undefined
  readonly latest: v1.TaskStatus
  /** Of an update that tells its end and is not acknowledged yet. */
  readonly terminalUuid: Uint8Array | undefined
}

/** An executor of an earlier run that there still is; it holds what its info says. */
export type RecoveredExecutor = Pick<Executor, 'frameworkId' | 'info'>

export interface Recovered { readonly tasks: readonly RecoveredTask[], readonly executors: readonly RecoveredExecutor[] }

/** Tasks whose containers there still are, and those of which only an update is left. */
export function recoveredTasks (open: readonly Task[], unsent: readonly Update[]): RecoveredTask[] {
  const keyOf = (frameworkId: string, taskId: string): string => `${frameworkId}/${taskId}`
  const all = new Map<string, RecoveredTask>()
  for (const { frameworkId, status } of unsent) {
    const taskId = status.task_id.value
    all.set(keyOf(frameworkId, taskId), {
      frameworkId, taskId, resources: undefined, latest: status, terminalUuid: isTerminal(status.state) ? status.uuid : undefined,
    })
  }
  for (const { frameworkId, taskId, info, lastStatus } of open) {
    const waiting = all.get(keyOf(frameworkId, taskId))
    const latest = lastStatus ?? waiting?.latest ?? { task_id: { value: taskId }, state: 'TASK_STAGING' }
    all.set(keyOf(frameworkId, taskId), { frameworkId, taskId, resources: info.resources ?? [], latest, terminalUuid: waiting?.terminalUuid })
  }
  return [...all.values()]
}
