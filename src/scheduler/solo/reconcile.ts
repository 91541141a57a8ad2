import { agentIdOf, type Solo } from './solo.ts'
import { lostState, tellByMaster } from './updates.ts'
import type { Framework, LaunchedTask } from './framework.ts'
import type { scheduler } from '../../wire/messages.ts'

const reason = 'REASON_RECONCILIATION'

/** An empty list asks for every task. */
export function reconcile (solo: Solo, framework: Framework, { reconcile: call }: scheduler.Call): void {
  const asked = call?.tasks ?? []
  if (asked.length === 0) for (const task of framework.tasks.values()) tellLatest(solo, framework, task)
  else for (const { task_id: taskId, agent_id: agentId } of asked) reconcileTask(solo, framework, taskId.value, agentId?.value)
}

export function reconcileTask (solo: Solo, framework: Framework, taskId: string, agentId: string | undefined): void {
  const task = framework.tasks.get(taskId)
  if (task !== undefined) { tellLatest(solo, framework, task); return }
  const here = agentId === agentIdOf(solo)
  tellByMaster(framework, taskId, agentId, {
    state: lostState(framework, here ? 'TASK_GONE' : 'TASK_UNKNOWN'),
    reason,
    message: here ? 'Reconciliation: Task is unknown to the agent' : 'Reconciliation: Task is unknown',
  })
}

function tellLatest (solo: Solo, framework: Framework, { id, latest }: LaunchedTask): void {
  const { state, healthy, container_status: containerStatus } = latest
  tellByMaster(framework, id, agentIdOf(solo), {
    state, reason, message: 'Reconciliation: Latest task state', healthy, container_status: containerStatus,
  })
}
