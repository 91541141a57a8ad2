import type { Containerizer } from '../containerizer/containerizer.ts'
import type { Snapshot } from '../store/checkpoint.ts'
import type { TaskBook } from './task-book.ts'
import { containerOf, taskFrom } from './task-records.ts'

/** Takes in the tasks of an earlier run, each with its container. A container that belongs to no task is destroyed. */
export function restoreTasks (snapshot: Snapshot, { containerizer, book }: { containerizer: Containerizer, book: TaskBook }): void {
  const containers = containerizer.recover(snapshot.container)
  for (const [key, record] of snapshot.task) {
    const container = containers.get(containerOf(key))
    if (container !== undefined) book.add(taskFrom(record, container, snapshot.framework.get(record.frameworkId)))
  }
  for (const container of containers.values()) {
    if (book.byContainer(container.id) === undefined) void containerizer.destroy(container, 0, 'it belongs to no task')
  }
}
