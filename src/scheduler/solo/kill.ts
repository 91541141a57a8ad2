import { reconcileTask } from './reconcile.ts'
import { agentIdOf, type Solo } from './solo.ts'
import type { Framework } from './framework.ts'
import type { scheduler } from '../../wire/messages.ts'

/**
 * A task of ours goes to the agent, which tells its end; any other answer is a reconciliation.
 * No task is pending here: an accepted one is with the agent at once, and it is the agent that ends what it has not started yet.
 */
export function kill (solo: Solo, framework: Framework, { kill: call }: scheduler.Call): void {
  if (call === undefined) return
  const { task_id: { value: taskId }, agent_id: agentId, kill_policy: policy } = call
  if (!framework.tasks.has(taskId)) { reconcileTask(solo, framework, taskId, agentId?.value); return }
  if (agentId !== undefined && agentId.value !== agentIdOf(solo)) {
    solo.log.warn({ frameworkId: framework.id, taskId, agentId: agentId.value }, 'a kill that names another agent was dropped')
    return
  }
  if (!solo.agent().kill(framework.id, taskId, policy)) reconcileTask(solo, framework, taskId, agentId?.value)
}
