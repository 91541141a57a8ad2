import { agentIdOf, type Solo } from './solo.ts'
import type { Framework } from './framework.ts'
import type { scheduler } from '../../wire/messages.ts'

/** A call that is accepted, as by a Mesos master, and comes to nothing but a line in the log. */
export function dropped (why: string): (solo: Solo, framework: Framework, call: scheduler.Call) => void {
  return (solo, framework, { type }) => { dropCall(solo, framework, type, why) }
}

export function dropCall (solo: Solo, framework: Framework, type: scheduler.Call_Type | undefined, why: string): void {
  solo.log.info({ frameworkId: framework.id, call: type, reason: why }, 'a call was dropped')
}

/** No operation outlives its ACCEPT, so each that is asked for is unknown. An empty list asks for all there are: none. */
export function reconcileOperations (solo: Solo, framework: Framework, { reconcile_operations: call }: scheduler.Call): void {
  for (const { operation_id: operationId, agent_id: agentId } of call?.operations ?? []) {
    framework.sink?.send({
      type: 'UPDATE_OPERATION_STATUS',
      update_operation_status: {
        status: {
          operation_id: operationId, agent_id: agentId ?? { value: agentIdOf(solo) },
          state: 'OPERATION_UNKNOWN', message: 'Reconciliation: Operation is unknown',
        },
      },
    })
  }
}
