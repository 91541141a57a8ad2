import type { Task } from './task.ts'

export interface TaskBook {
  add (task: Task): void
  /** It is over; it stays to be looked at until newer ones take its place. */
  close (task: Task): void
  /** A task that is not over. */
  find (frameworkId: string, taskId: string): Task | undefined
  /** All that are not over. */
  open (): Task[]
  ofFramework (frameworkId: string): Task[]
  /** All that can be looked at, the newest last; those that are over too. */
  all (): Iterable<Task>
  byContainer (containerId: string): Task | undefined
}

const keptWhenOver = 200

/** Which tasks there are. */
export function taskBook (): TaskBook {
  const open = new Map<string, Task>()
  const seen = new Map<string, Task>()
  const over: string[] = []
  const keyOf = ({ frameworkId, taskId }: Pick<Task, 'frameworkId' | 'taskId'>): string => `${frameworkId}/${taskId}`
  return {
    add (task) {
      open.set(keyOf(task), task)
      seen.set(task.containerId, task)
    },
    close (task) {
      if (open.get(keyOf(task)) === task) open.delete(keyOf(task))
      over.push(task.containerId)
      if (over.length > keptWhenOver) seen.delete(over.shift() ?? '')
    },
    find: (frameworkId, taskId) => open.get(keyOf({ frameworkId, taskId })),
    open: () => [...open.values()],
    ofFramework: frameworkId => [...open.values()].filter(task => task.frameworkId === frameworkId),
    all: () => seen.values(),
    byContainer: containerId => seen.get(containerId),
  }
}
