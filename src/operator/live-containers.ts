import type { TaskBook } from '../agent/task-book.ts'
import type { Task } from '../agent/task.ts'

/** Its executor, if it has one, goes on, whatever became of the task. */
export function hasLiveExecutor ({ executor }: Task): boolean {
  return executor !== undefined && executor.state !== 'TERMINATED'
}

/** One task, the newest, for each container that is not over: an executor's has several tasks, or none that is not over. */
export function liveContainers (book: TaskBook): Task[] {
  const open = new Set(book.open())
  const live = [...book.all()].filter(task => open.has(task) || hasLiveExecutor(task))
  return [...new Map(live.map(task => [task.containerId, task])).values()]
}
