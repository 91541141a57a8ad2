import type { executor } from '../../../wire/messages.ts'

const uuidBytes = 16

/** What is wrong with a call, in the words of a Mesos agent. */
export function callFault (call: executor.Call): string | undefined {
  switch (call.type) {
    case undefined: return "Expecting 'type' to be present"
    case 'SUBSCRIBE': return call.subscribe === undefined ? "Expecting 'subscribe' to be present" : undefined
    case 'UPDATE': return call.update === undefined ? "Expecting 'update' to be present" : updateFault(call, call.update)
    case 'MESSAGE': return call.message === undefined ? "Expecting 'message' to be present" : undefined
    case 'HEARTBEAT':
    case 'UNKNOWN': return undefined
  }
}

/** The same for each update that a subscriber brings along. */
export function updateFault (call: executor.Call, { status }: executor.Call_Update): string | undefined {
  const { executor_id: { value: executorId }, framework_id: { value: frameworkId } } = call
  const { uuid, source, state, executor_id: other } = status
  if (uuid === undefined) return "Expecting 'uuid' to be present"
  if (uuid.length !== uuidBytes) return 'Not a valid UUID'
  if (other !== undefined && other.value !== executorId) return `ExecutorID in Call: ${executorId} does not match ExecutorID in TaskStatus: ${other.value}`
  const from = `from executor ${executorId} of framework ${frameworkId}`
  if (source !== 'SOURCE_EXECUTOR') return `Received Call ${from} with invalid source, expecting 'SOURCE_EXECUTOR'`
  return state === 'TASK_STAGING' ? `Received TASK_STAGING ${from} which is not allowed` : undefined
}
