import type { scheduler } from '../../wire/messages.ts'

/** The part of the message that a call of each type must have. */
const parts = {
  ACCEPT: 'accept',
  ACCEPT_INVERSE_OFFERS: 'accept_inverse_offers',
  ACKNOWLEDGE: 'acknowledge',
  ACKNOWLEDGE_OPERATION_STATUS: 'acknowledge_operation_status',
  DECLINE: 'decline',
  DECLINE_INVERSE_OFFERS: 'decline_inverse_offers',
  KILL: 'kill',
  MESSAGE: 'message',
  RECONCILE: 'reconcile',
  RECONCILE_OPERATIONS: 'reconcile_operations',
  REQUEST: 'request',
  SHUTDOWN: 'shutdown',
  UPDATE_FRAMEWORK: 'update_framework',
} as const satisfies Partial<Record<scheduler.Call_Type, keyof scheduler.Call>>

const uuidBytes = 16

/** What else must hold, by type. */
const faults: Partial<Record<scheduler.Call_Type, (call: scheduler.Call) => string | undefined>> = {
  ACKNOWLEDGE: ({ acknowledge }) => uuidFault(acknowledge?.uuid),
  ACKNOWLEDGE_OPERATION_STATUS: ({ acknowledge_operation_status: part }) =>
    uuidFault(part?.uuid) ?? (part?.agent_id === undefined ? "Expecting 'agent_id' to be present" : undefined),
  UPDATE_FRAMEWORK: ({ framework_id: frameworkId, update_framework: part }) => part?.framework_info.id?.value === frameworkId?.value
    ? undefined
    : "'framework_id' differs from 'update_framework.framework_info.id'",
}

function uuidFault (uuid: Uint8Array | undefined): string | undefined {
  return uuid?.length === uuidBytes ? undefined : 'Not a valid UUID'
}

/** What is wrong with a call, in the words of a Mesos master. */
export function callFault (call: scheduler.Call): string | undefined {
  if (call.type === undefined || call.type === 'UNKNOWN') return "Expecting 'type' to be present"
  if (call.type === 'SUBSCRIBE') return subscribeFault(call)
  if (call.framework_id === undefined) return "Expecting 'framework_id' to be present"
  const part = call.type in parts ? parts[call.type as keyof typeof parts] : undefined
  if (part !== undefined && call[part] === undefined) return `Expecting '${part}' to be present`
  return faults[call.type]?.(call)
}

function subscribeFault ({ subscribe, framework_id: frameworkId }: scheduler.Call): string | undefined {
  if (subscribe === undefined) return "Expecting 'subscribe' to be present"
  const ownId = subscribe.framework_info.id?.value ?? ''
  return ownId === (frameworkId?.value ?? '') ? undefined : "'framework_id' differs from 'subscribe.framework_info.id'"
}
