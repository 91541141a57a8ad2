import { isTerminal } from '../../agent/task-status.ts'
import type { internal } from '../../wire/messages.ts'
import { lostState } from './capabilities.ts'
import type { Cluster } from './cluster.ts'

/** One that is over is told of already; of one that is not here its framework hears that. */
export function killTask ({ agent, known, frameworks, log }: Cluster, message: internal.KillTaskMessage): void {
  const { framework_id: { value: frameworkId }, task_id: { value: taskId }, kill_policy: policy } = message
  if (agent().kill(frameworkId, taskId, policy) || isTerminal(known().stateOf(frameworkId, taskId))) return
  const framework = frameworks.find(frameworkId)
  log.warn({ frameworkId, taskId }, 'a task that is to be killed is not here')
  if (framework === undefined) return
  known().drop(frameworkId, taskId, { state: lostState(framework, 'TASK_DROPPED'), reason: 'REASON_EXECUTOR_TERMINATED', message: 'Cannot find executor' })
}
