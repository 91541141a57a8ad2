import type { Container } from '../containerizer/container.ts'
import type { Containerizer } from '../containerizer/containerizer.ts'
import type { Snapshot } from '../store/checkpoint.ts'
import type { TaskRecord } from '../store/records.ts'
import type { Executor } from './executors/executor.ts'
import type { ExecutorBook } from './executors/executor-book.ts'
import { executorFrom, heldFrom } from './executors/executor-records.ts'
import type { TaskBook } from './task-book.ts'
import { containerOf, frameworkFrom, taskFrom } from './task-records.ts'
import type { Task } from './task.ts'

export interface RestoreDeps { readonly containerizer: Containerizer, readonly book: TaskBook, readonly executors: ExecutorBook }

/** Takes in the executors and tasks of an earlier run, each with its container. A container that belongs to neither is destroyed. */
export function restoreTasks (snapshot: Snapshot, { containerizer, book, executors }: RestoreDeps): void {
  const containers = containerizer.recover(snapshot.container)
  const owners = restoreExecutors(snapshot, containers)
  for (const executor of owners.values()) executors.add(executor)
  for (const [key, record] of snapshot.task) {
    const container = containers.get(containerOf(key))
    if (container === undefined) continue
    const task = taskFrom(record, container, snapshot.framework.get(record.frameworkId))
    book.add(handBack(task, record, owners.get(container.id)))
    if (task.info.executor !== undefined && !owners.has(container.id)) {
      task.killedFor ??= 'the record of its executor cannot be read'
      void containerizer.destroy(container, container.spec.graceMs, task.killedFor)
    }
  }
  for (const container of containers.values()) {
    const isOwned = owners.has(container.id) || book.byContainer(container.id) !== undefined
    if (!isOwned) void containerizer.destroy(container, 0, 'it belongs to no task')
  }
}

function restoreExecutors ({ executor, framework }: Snapshot, containers: ReadonlyMap<string, Container>): Map<string, Executor> {
  const owners = new Map<string, Executor>()
  for (const [containerId, record] of executor) {
    const container = containers.get(containerId)
    if (container !== undefined) owners.set(containerId, executorFrom(record, container, frameworkFrom(framework.get(record.frameworkId))))
  }
  return owners
}

/** Into the hands of its executor, if it has one. */
function handBack (task: Task, { held }: TaskRecord, executor: Executor | undefined): Task {
  if (executor === undefined) return task
  const owned = { ...task, executor }
  executor.tasks.set(task.taskId, heldFrom(held ?? { isDelivered: true, heard: [] }, owned))
  return owned
}
