import type { Termination } from '../containerizer/container.ts'
import type { Task } from './task.ts'
import { terminalWord, type Word } from './task-status.ts'

/** The last word on a task: how its container ended, and what ended it. */
export function lastWord (task: Pick<Task, 'killedFor' | 'hasOverrun' | 'isUnhealthy' | 'container'>, termination: Termination): Word {
  const word = terminalWord(termination, task.killedFor)
  if (task.hasOverrun && !termination.mayStillRun) return { ...word, state: 'TASK_FAILED', reason: 'REASON_MAX_COMPLETION_TIME_REACHED' }
  if (task.isUnhealthy) return { ...word, healthy: false }
  if (termination.oomKilled && word.state === 'TASK_FAILED') return outOfMemory(word, task.container.limits.memBytes)
  return word
}

/** The kernel kills where nothing more can be reclaimed, so what it used at its peak is the limit. */
function outOfMemory (word: Word, limitBytes: number): Word {
  const mebibytes = limitBytes / (1 << 20)
  return {
    ...word,
    source: 'SOURCE_AGENT',
    reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
    message: `Memory limit exceeded: the kernel killed a process of the container, which used all of its limit of ${mebibytes} MB. ${word.message ?? ''}`,
    limitation: { resources: [{ name: 'mem', type: 'SCALAR', scalar: { value: mebibytes } }] },
  }
}
