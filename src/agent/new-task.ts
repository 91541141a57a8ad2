import type { Container } from '../containerizer/container.ts'
import type { v1 } from '../wire/messages.ts'
import { tellsKilling } from './task-records.ts'
import type { Task } from './task.ts'

type Fresh = Pick<Task, 'frameworkId' | 'taskId' | 'info' | 'containerId' | 'checkStatus'>

/** A task that has just been accepted: nothing has happened to it yet. */
export function newTask (fresh: Fresh, framework: v1.FrameworkInfo, container: Container): Task {
  return {
    ...fresh, framework, container, tellsKilling: tellsKilling(framework),
    killedFor: undefined, hasOverrun: false, isUnhealthy: false, isSilent: false, sequence: 0, ip: undefined, statuses: [], lastStatus: undefined,
    runningSince: undefined, health: undefined,
  }
}
