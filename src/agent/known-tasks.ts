import { randomUUID } from 'node:crypto'
import type { v1 } from '../wire/messages.ts'
import type { ExecutorBook } from './executors/executor-book.ts'
import { inventory, type Inventory } from './inventory.ts'
import type { TaskBook } from './task-book.ts'
import { toStatus } from './task-status.ts'
import type { TaskTeller } from './task-teller.ts'

/** Why a task that a master has sent is not begun. */
export type Drop = Pick<v1.TaskStatus, 'state' | 'reason' | 'message'> & { readonly executorId?: string | undefined }

export interface KnownTasksOptions {
  readonly tasks: TaskBook
  readonly executors: ExecutorBook
  readonly teller: TaskTeller
  readonly identity: { readonly agentId: string, readonly ip: string }
}

/** Tasks as a master sees them that is somewhere else: a task is there until its end has been heard of. */
export class KnownTasks {
  readonly #options: KnownTasksOptions

  constructor (options: KnownTasksOptions) { this.#options = options }

  all (): Inventory {
    const { tasks, executors, teller: { streams } } = this.#options
    return inventory({ open: tasks.open(), unheard: streams.all(), executors: executors.all() })
  }

  /** There are tasks of this framework, executors, or updates that nobody has acknowledged. */
  holds (frameworkId: string): boolean {
    const { tasks, executors, teller: { streams } } = this.#options
    return tasks.ofFramework(frameworkId).length > 0 || executors.hasFramework(frameworkId) || streams.holds(frameworkId)
  }

  hasExecutor (frameworkId: string, executorId: string): boolean { return this.#options.executors.find(frameworkId, executorId) !== undefined }

  /** The last state that was told of a task, whether somebody has heard of it or not; undefined: there is no such task. */
  stateOf (frameworkId: string, taskId: string): v1.TaskState | undefined {
    const { tasks, teller: { streams } } = this.#options
    const task = tasks.find(frameworkId, taskId)
    return task === undefined ? streams.latest(frameworkId, taskId)?.state : task.lastStatus?.state ?? 'TASK_STAGING'
  }

  /** Tells of a task that was not begun, and never will be. */
  drop (frameworkId: string, taskId: string, { executorId = taskId, ...word }: Drop): void {
    const { teller, identity } = this.#options
    const status = toStatus({ source: 'SOURCE_AGENT', ...word }, { ...identity, taskId, containerId: randomUUID(), sequence: 1 })
    teller.push(frameworkId, { ...status, executor_id: { value: executorId }, container_status: undefined })
  }
}
