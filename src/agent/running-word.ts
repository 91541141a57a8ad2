import type { Word } from './task-status.ts'
import type { Task } from './task.ts'

/** That it runs, with the inspect if that has come. */
export function runningWord (task: Task): Word {
  const { inspected } = task.container
  task.ip = inspected?.ipAddress
  return { state: 'TASK_RUNNING', ...(inspected && { data: Buffer.from(`[${inspected.document}]`) }) }
}
