import type { internal } from '../../wire/messages.ts'
import { lostState } from './capabilities.ts'
import type { Cluster } from './cluster.ts'

/** A master believes in these tasks: of those that are not here, their framework hears that. */
export function reconcile ({ known, frameworks, log }: Cluster, message: internal.ReconcileTasksMessage): void {
  const { framework_id: { value: frameworkId }, framework, statuses = [] } = message
  const info = framework ?? frameworks.find(frameworkId)
  for (const { task_id: { value: taskId }, executor_id: executorId } of statuses) {
    if (known().stateOf(frameworkId, taskId) !== undefined) continue
    if (info !== undefined) frameworks.note(frameworkId, { ...info, id: { value: frameworkId } })
    log.warn({ frameworkId, taskId }, 'a task that the master believes in is not here')
    known().drop(frameworkId, taskId, {
      state: lostState(info, 'TASK_DROPPED'), reason: 'REASON_RECONCILIATION', message: 'Reconciliation: task unknown to the agent',
      executorId: executorId?.value,
    })
  }
}
