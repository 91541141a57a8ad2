import type { TaskBook } from '../../agent/task-book.ts'
import type { agent, v1 } from '../../wire/messages.ts'
import { hasLiveExecutor } from '../live-containers.ts'

/** Those with a task or an executor that is not over, and those without. */
export function frameworkLists (book: TaskBook): agent.Response_GetFrameworks {
  const open = new Set(book.open())
  const infos = new Map<string, v1.FrameworkInfo>()
  const live = new Set<string>()
  for (const task of book.all()) {
    infos.set(task.frameworkId, task.framework)
    if (open.has(task) || hasLiveExecutor(task)) live.add(task.frameworkId)
  }
  const told = (isMeant: (id: string) => boolean): agent.Response_GetFrameworks_Framework[] => {
    return [...infos].filter(([id]) => isMeant(id)).map(([id, info]) => ({ framework_info: { ...info, id: { value: id } } }))
  }
  return { frameworks: told(id => live.has(id)), completed_frameworks: told(id => !live.has(id)) }
}
