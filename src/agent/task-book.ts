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
  /** The newest task of a container: an executor's has several. */
  byContainer (containerId: string): Task | undefined
}

/** Told of what comes and goes. */
export interface BookWatcher { onAdd? (task: Task): void, onClose? (task: Task): void }

const keptWhenOver = 200

/** Which tasks there are. */
export function taskBook ({ onAdd, onClose }: BookWatcher = {}): TaskBook {
  const open = new Map<string, Task>()
  const seen = new Set<Task>()
  const newest = new Map<string, Task>()
  const over: Task[] = []
  const keyOf = ({ frameworkId, taskId }: Pick<Task, 'frameworkId' | 'taskId'>): string => `${frameworkId}/${taskId}`
  return {
    add (task) {
      open.set(keyOf(task), task)
      seen.add(task)
      newest.set(task.containerId, task)
      onAdd?.(task)
    },
    close (task) {
      if (open.get(keyOf(task)) === task) open.delete(keyOf(task))
      onClose?.(task)
      over.push(task)
      const oldest = over.length > keptWhenOver ? over.shift() : undefined
      if (oldest === undefined) return
      seen.delete(oldest)
      if (newest.get(oldest.containerId) === oldest) newest.delete(oldest.containerId)
    },
    find: (frameworkId, taskId) => open.get(keyOf({ frameworkId, taskId })),
    open: () => [...open.values()],
    ofFramework: frameworkId => [...open.values()].filter(task => task.frameworkId === frameworkId),
    all: () => seen.values(),
    byContainer: containerId => newest.get(containerId),
  }
}
