import { AgentError } from '../../../model/errors.ts'
import type { internal, MessageTypes, v1 } from '../../../wire/messages.ts'
import { decodeProtobuf } from '../../../wire/protobuf.ts'
import type { Unacknowledged } from '../executor-port.ts'

/** What an executor of the older driver says, in the words of the port. */
export type Said =
  | { kind: 'register', isBack: boolean, unacknowledged: Unacknowledged }
  | { kind: 'update', status: v1.TaskStatus }
  | { kind: 'message', data: Uint8Array }

/** The ids that a message carries; the executor's where it has one. */
interface Ids { readonly frameworkId: string, readonly executorId: string | undefined }

type Reader = (body: Uint8Array) => Ids & { said: Said }

const uuidBytes = 16

const readers: Record<string, Reader> = {
  'mesos.internal.RegisterExecutorMessage': reader('internal.RegisterExecutorMessage', () => {
    return { kind: 'register', isBack: false, unacknowledged: { tasks: [], updates: [] } }
  }),
  'mesos.internal.ReregisterExecutorMessage': reader('internal.ReregisterExecutorMessage', ({ tasks = [], updates = [] }) => {
    return { kind: 'register', isBack: true, unacknowledged: { tasks, updates: updates.map(statusOf) } }
  }),
  'mesos.internal.StatusUpdateMessage': body => {
    const { update } = decodeProtobuf('internal.StatusUpdateMessage', body)
    return { ...idsOf(update), said: { kind: 'update', status: statusOf(update) } }
  },
  'mesos.internal.ExecutorToFrameworkMessage': reader('internal.ExecutorToFrameworkMessage', ({ data }) => ({ kind: 'message', data })),
}

export const driverMessages: readonly string[] = Object.keys(readers)

/** Throws SPEC_INVALID for what is no such message, or says that it is from another executor than the one that sent it. */
export function readDriverMessage (name: string, body: Uint8Array, sender: { frameworkId: string, executorId: string }): Said {
  const { frameworkId, executorId = sender.executorId, said } = readers[name]!(body)
  if (frameworkId !== sender.frameworkId) throw foreign('framework_id', frameworkId)
  if (executorId !== sender.executorId) throw foreign('executor_id', executorId)
  return said
}

type WithIds = 'internal.RegisterExecutorMessage' | 'internal.ReregisterExecutorMessage' | 'internal.ExecutorToFrameworkMessage'

function reader<N extends WithIds> (type: N, say: (message: MessageTypes[N]) => Said): Reader {
  return body => {
    const message = decodeProtobuf(type, body)
    return { ...idsOf(message), said: say(message) }
  }
}

function idsOf ({ framework_id: framework, executor_id: executor }: { framework_id: v1.FrameworkID, executor_id?: v1.ExecutorID | undefined }): Ids {
  return { frameworkId: framework.value, executorId: executor?.value }
}

/** Drivers before 1.0 have the uuid and the time in the update alone. */
function statusOf ({ status, uuid = status.uuid, timestamp }: internal.StatusUpdate): v1.TaskStatus {
  if (uuid?.length !== uuidBytes) throw new AgentError('SPEC_INVALID', 'update.uuid must be 16 bytes', { field: 'update.uuid' })
  if (status.state === 'TASK_STAGING') throw new AgentError('SPEC_INVALID', 'update.status.state must not be TASK_STAGING', { field: 'update.status.state' })
  return { ...status, uuid, timestamp: status.timestamp ?? timestamp, source: 'SOURCE_EXECUTOR' }
}

function foreign (field: string, value: string): AgentError {
  return new AgentError('SPEC_INVALID', `${field} '${value.slice(0, 200)}' is not the sender's`, { field })
}
