import type { TaskBook } from '../agent/task-book.ts'
import type { Task } from '../agent/task.ts'
import { AgentError } from '../model/errors.ts'

/** The task of a container, by the container's id or the task's own: then its newest container is meant. NOT_FOUND, or AMBIGUOUS between frameworks. */
export function findTask (book: TaskBook, id: string, frameworkId?: string): Task {
  const found = book.byContainer(id) ?? newestOf(book, id, frameworkId)
  if (found === undefined) throw new AgentError('NOT_FOUND', `no container or task has the id '${shown(id)}'; those that ended long ago are forgotten`)
  return found
}

function newestOf (book: TaskBook, taskId: string, frameworkId: string | undefined): Task | undefined {
  return onlyOne(taskId, [...book.all()].filter(task => task.taskId === taskId && (frameworkId ?? task.frameworkId) === task.frameworkId))
}

/** The one task of this id that is not over. NOT_FOUND, or AMBIGUOUS between frameworks. */
export function findOpenTask (book: TaskBook, taskId: string, frameworkId?: string): Task {
  const found = onlyOne(taskId, book.open().filter(task => task.taskId === taskId && (frameworkId ?? task.frameworkId) === task.frameworkId))
  if (found === undefined) throw new AgentError('NOT_FOUND', `no task '${shown(taskId)}' runs or waits to run`)
  return found
}

/** The last of one framework's tasks. */
function onlyOne (taskId: string, found: readonly Task[]): Task | undefined {
  const frameworks = new Set(found.map(task => task.frameworkId))
  if (frameworks.size > 1) throw new AgentError('AMBIGUOUS', `several frameworks have a task '${shown(taskId)}': ${[...frameworks].join(', ')}`)
  return found.at(-1)
}

function shown (id: string): string {
  return id.slice(0, 100)
}
