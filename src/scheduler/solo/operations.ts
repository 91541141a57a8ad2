import { agentIdOf, type Solo } from './solo.ts'
import { tellByMaster } from './updates.ts'
import type { Framework } from './framework.ts'
import type { v1 } from '../../wire/messages.ts'

/** Why an operation as a whole cannot be performed, or undefined. */
export function operationFault ({ type, launch }: v1.Offer_Operation): string | undefined {
  if (type === undefined || type === 'UNKNOWN') return 'Unknown operations are not supported'
  if (type !== 'LAUNCH') return `${type} operations are not supported by this version`
  return launch === undefined ? "Expecting 'launch' to be present" : undefined
}

/** Tells the framework in the way it can hear: by its tasks, else by the operation's status if it bears an id. */
export function refuseOperation (solo: Solo, framework: Framework, operation: v1.Offer_Operation, message: string): void {
  solo.log.warn({ frameworkId: framework.id, operation: operation.type, reason: message }, 'an operation was dropped')
  for (const task of operation.launch_group?.task_group.tasks ?? []) {
    tellByMaster(framework, task.task_id.value, task.agent_id.value, { state: 'TASK_ERROR', reason: 'REASON_TASK_GROUP_INVALID', message })
  }
  if (operation.id === undefined) return
  const status: v1.OperationStatus = {
    operation_id: operation.id, state: 'OPERATION_ERROR', message, agent_id: { value: agentIdOf(solo) },
  }
  framework.sink?.send({ type: 'UPDATE_OPERATION_STATUS', update_operation_status: { status } })
}
