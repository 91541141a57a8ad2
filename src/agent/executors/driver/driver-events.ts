import type { Message } from '../../../door/libprocess/frame.ts'
import type { executor, internal, MessageTypes, v1 } from '../../../wire/messages.ts'
import { encodeProtobuf } from '../../../wire/protobuf.ts'
import type { Executor } from '../executor.ts'

type Internal = keyof MessageTypes & `internal.${string}`
type Type = NonNullable<executor.Event['type']>

/** To whom an event goes, and from which agent. */
export interface Listener {
  readonly executor: Pick<Executor, 'frameworkId' | 'executorId' | 'framework'>
  readonly agentInfo: v1.AgentInfo
  /** It has been here before: it is greeted as one that comes back. */
  readonly isBack: boolean
}

/** What a framework's driver would have for an address, if it had one: frameworks speak HTTP here. */
const noScheduler = '@0.0.0.0:0'

/** Events that an older driver knows, in its words; it has none for heartbeats and errors, and knows no task groups. */
const words: Partial<Record<Type, (event: executor.Event, listener: Listener) => Message | undefined>> = {
  SUBSCRIBED: ({ subscribed }, { agentInfo, isBack, executor: { frameworkId } }) => {
    const agent = { slave_id: agentInfo.id!, slave_info: slaveInfo(agentInfo) }
    if (isBack) return message('internal.ExecutorReregisteredMessage', agent)
    const { executor_info: info, framework_info: framework } = subscribed!
    return message('internal.ExecutorRegisteredMessage', { executor_info: info, framework_id: { value: frameworkId }, framework_info: framework, ...agent })
  },
  // Drivers before 1.0 want the id of the framework beside the framework.
  LAUNCH: ({ launch }, { executor: { framework, frameworkId } }) => {
    return message('internal.RunTaskMessage', { framework_id: { value: frameworkId }, framework, pid: noScheduler, task: launch!.task })
  },
  KILL: ({ kill }, { executor: { frameworkId } }) => message('internal.KillTaskMessage', { framework_id: { value: frameworkId }, ...kill! }),
  ACKNOWLEDGED: ({ acknowledged }, { agentInfo, executor: { frameworkId } }) => {
    return message('internal.StatusUpdateAcknowledgementMessage', { slave_id: agentInfo.id!, framework_id: { value: frameworkId }, ...acknowledged! })
  },
  MESSAGE: (event, { agentInfo, executor: { frameworkId, executorId } }) => {
    const ids = { slave_id: agentInfo.id!, framework_id: { value: frameworkId }, executor_id: { value: executorId } }
    return message('internal.FrameworkToExecutorMessage', { ...ids, data: event.message!.data })
  },
  SHUTDOWN: () => message('internal.ShutdownExecutorMessage', {}),
}

/** undefined: a driver has no word for it. */
export function toDriver (event: executor.Event, listener: Listener): Message | undefined {
  return words[event.type ?? 'UNKNOWN']?.(event, listener)
}

export function message<N extends Internal> (name: N, content: MessageTypes[N]): Message {
  return { name: `mesos.${name}`, body: encodeProtobuf(name, content) }
}

/** An agent that keeps its state is what executors with checkpoints ask for. */
function slaveInfo (agentInfo: v1.AgentInfo): internal.SlaveInfo {
  return { ...agentInfo, checkpoint: true }
}
