import type { Containerizer } from '../containerizer/containerizer.ts'
import { AgentError } from '../model/errors.ts'
import { changedResources, largerResources, type ResourceChange } from './changed-resources.ts'
import type { TaskListener } from './port.ts'
import type { v1 } from '../wire/messages.ts'
import type { Task } from './task.ts'
import type { TaskBook } from './task-book.ts'

export interface TaskUpdateDeps {
  readonly containerizer: Pick<Containerizer, 'update'>
  readonly listener: Pick<TaskListener, 'resize'>
  readonly book: TaskBook
  /** It holds other resources now, or is about to. */
  readonly onChange: (task: Task) => void
}

const bytesPerMb = 2 ** 20

function isUnsettled ({ updating }: Task['container']): boolean { return updating !== undefined }

/** New limits for running tasks, and the accounts that go with them. */
export class TaskUpdates {
  readonly #deps: TaskUpdateDeps
  readonly #busy = new Set<Task>()

  constructor (deps: TaskUpdateDeps) { this.#deps = deps }

  /** Throws UPDATE_REFUSED, and all is as before; another failure names what was done about it in the log. */
  async update (task: Task, change: ResourceChange): Promise<void> {
    if (task.executor !== undefined) throw new AgentError('UPDATE_REFUSED', `its limits are those of its executor ${task.executor.executorId}`)
    if (this.#busy.has(task)) throw new AgentError('UPDATE_REFUSED', 'another update of the task is under way')
    this.#busy.add(task)
    try {
      await this.#change(task, change)
    } finally {
      this.#busy.delete(task)
    }
  }

  async #change (task: Task, change: ResourceChange): Promise<void> {
    const { info, container } = task
    if (isUnsettled(container)) throw new AgentError('UPDATE_REFUSED', 'an earlier update of it is not settled: the engine has not answered yet')
    const before = info.resources ?? []
    const wanted = changedResources(before, change)
    const { cpus = container.limits.cpus, mem } = change
    const memBytes = mem === undefined ? container.limits.memBytes : Math.floor(mem) * bytesPerMb
    this.#hold(task, largerResources(before, change))
    task.wanted = wanted
    this.#deps.onChange(task)
    try {
      await this.#deps.containerizer.update(container, { cpus, memBytes })
    } catch (error) {
      // The larger is held until it is known what is in force; where that is never known, the next run of the agent settles it.
      void container.undone.then(() => { if (!isUnsettled(container)) this.#settle(task, before) })
      throw error
    }
    this.#settle(task, wanted)
  }

  /** In the same turn of the event loop as the end of its container's update: both are written down, or neither. */
  #settle (task: Task, resources: readonly v1.Resource[]): void {
    this.#hold(task, resources)
    task.info = { ...task.info, resources: [...resources] }
    task.wanted = undefined
    if (this.#isOpen(task)) this.#deps.onChange(task)
  }

  /** A task that has ended meanwhile holds nothing, and one of the same id may have come since. */
  #hold (task: Task, resources: Parameters<TaskListener['resize']>[2]): void {
    if (this.#isOpen(task)) this.#deps.listener.resize(task.frameworkId, task.taskId, resources)
  }

  #isOpen (task: Task): boolean { return this.#deps.book.find(task.frameworkId, task.taskId) === task }
}
