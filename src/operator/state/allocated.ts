import type { TaskBook } from '../../agent/task-book.ts'
import type { v1 } from '../../wire/messages.ts'
import { liveContainers } from '../live-containers.ts'

/** What tasks and executors hold. */
export function allocated (book: TaskBook): v1.Resource[] {
  const executors = liveContainers(book).map(({ executor }) => executor)
  return [...book.open().map(({ info }) => info), ...executors.map(executor => executor?.info)].flatMap(info => info?.resources ?? [])
}
