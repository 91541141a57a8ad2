import type { Word } from './task-status.ts'
import type { Task } from './task.ts'

/** What is told of a task whose executor the agent has left behind: its executor cannot come back to this run of the agent. */
export function lostWord ({ framework }: Task): Word {
  const isPartitionAware = (framework.capabilities ?? []).some(({ type }) => type === 'PARTITION_AWARE')
  return {
    state: isPartitionAware ? 'TASK_GONE' : 'TASK_LOST', source: 'SOURCE_AGENT', reason: 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT',
    message: 'Executor did not re-register: the agent was restarted, and ends the executors of its earlier run',
  }
}
