import type { v1 } from '../wire/messages.ts'
import type { Task } from './task.ts'

/** An executor can go back and forth without end. */
const keptStatuses = 100

/** As in Mesos, one of the same state takes the place of the one before. */
export function keepStatus (task: Task, status: v1.TaskStatus): void {
  const { data: _inspect, ...rest } = status
  if (task.statuses.at(-1)?.state === status.state) task.statuses.pop()
  task.statuses.push(rest)
  if (task.statuses.length > keptStatuses) task.statuses.shift()
  task.lastStatus = rest
}
