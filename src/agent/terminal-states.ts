import type { v1 } from '../wire/messages.ts'

/** After one of these a task is over. */
export const terminalStates: ReadonlySet<v1.TaskState> = new Set<v1.TaskState>([
  'TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED', 'TASK_GONE', 'TASK_GONE_BY_OPERATOR',
])
