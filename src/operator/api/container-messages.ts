import type { TaskBook } from '../../agent/task-book.ts'
import type { Usages } from '../../containerizer/usage.ts'
import type { agent, v1 } from '../../wire/messages.ts'
import { liveContainers } from '../live-containers.ts'
import { containersEntry } from '../usage-report.ts'

interface Entry { readonly executor_name: string, readonly executor_id: string, readonly statistics?: v1.ResourceStatistics }

/** The containers that have been started, with what they use; what could not be read is left out. */
export function containerList (book: TaskBook, usages: Usages): agent.Response_GetContainers_Container[] {
  const started = liveContainers(book).filter(({ container }) => container.timeline.hasBegun('start'))
  return started.map(task => {
    const { executor_id: executorId, executor_name: name, statistics } = containersEntry(task, usages.get(task.containerId)) as Entry
    return {
      framework_id: { value: task.frameworkId },
      executor_id: { value: executorId },
      executor_name: name,
      container_id: { value: task.containerId },
      container_status: { container_id: { value: task.containerId } },
      resource_statistics: statistics,
    }
  })
}
