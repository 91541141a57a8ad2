import { parseUpid } from '../../../src/door/libprocess/upid.ts'
import type { internal, MessageTypes, v1 } from '../../../src/wire/messages.ts'
import type { Internal, Received } from '../libprocess-peer.ts'

/** What a master knows of the agent whose message it looks at. */
export interface Known {
  /** Ids that it has given, and which of them are gone. */
  readonly agentId: string | undefined
  readonly gone: ReadonlySet<string>
  /** As it registered. */
  readonly slave: internal.SlaveInfo | undefined
  readonly isRegistered: boolean
  readonly resourceVersion: Uint8Array | undefined
  readonly capabilities: ReadonlySet<string>
  /** Executors that a framework has of its own, `framework/executor`. */
  readonly executors: ReadonlySet<string>
}

type Check<N extends Internal> = (message: MessageTypes[N], known: Known, from: string) => Array<string | false | undefined>
type Checks = { readonly [N in Internal]?: Check<N> }

const uuidBytes = 16

/** What a master of Mesos 1.11 ignores, refuses, or ends its program for. Each is a sentence; none of them is ever to be true. */
const checks: Checks = {
  'internal.RegisterSlaveMessage': ({ slave, version, checkpointed_resources: kept = [] }, _known, from) => [
    ...ofVersion(version), ...ofSlave(slave, kept, from), slave.id !== undefined && 'a first registration has an id',
  ],
  'internal.ReregisterSlaveMessage': (message, known, from) => {
    const { slave, version, checkpointed_resources: kept = [] } = message
    const isSame = known.slave !== undefined && slave.hostname === known.slave.hostname && slave.port === known.slave.port
    const isMoved = known.slave !== undefined && slave.id?.value === known.agentId && !isSame
    return [
      ...ofVersion(version), ...ofSlave(slave, kept, from),
      slave.id === undefined && 'a re-registration has no id',
      isMoved && 'an agent has moved to another hostname or port and kept its id',
      known.gone.has(slave.id?.value ?? '') && 'an agent that is gone registers again',
      ...ofPossessions(message, known),
    ]
  },
  'internal.StatusUpdateMessage': ({ update, pid }, known, from) => [
    (pid ?? '') === '' && 'ABORT: an update has no pid',
    pid !== undefined && pid !== '' && pid !== from && 'the pid of an update is not its sender\'s',
    update.status.uuid?.length !== uuidBytes && 'ABORT: the status of an update has no uuid',
    update.uuid !== undefined && Buffer.compare(update.uuid, update.status.uuid ?? new Uint8Array()) !== 0 && 'an update has two uuids',
    update.slave_id?.value !== known.agentId && 'an update names another agent',
    !known.isRegistered && 'an update comes from an agent that is not registered',
  ],
  'internal.ExitedExecutorMessage': ({ framework_id: framework, executor_id: executor, slave_id: agent }, known) => [
    !known.executors.has(keyOf(framework, executor)) && `the end of executor ${executor.value} is told, which is of the agent's own making`,
    agent.value !== known.agentId && 'the end of an executor names another agent',
  ],
  'internal.ExecutorToFrameworkMessage': ({ slave_id: agent }, known) => [agent.value !== known.agentId && 'a message of an executor names another agent'],
  'internal.UpdateSlaveMessage': ({ slave_id: agent }, known) => [
    agent.value !== known.agentId && 'an update of an agent names another one',
    !known.isRegistered && 'an update of an agent comes before its registration',
  ],
  'internal.UnregisterSlaveMessage': ({ slave_id: agent }, known) => [agent.value !== known.agentId && 'an agent that is not known leaves'],
  'internal.PongSlaveMessage': () => [],
}

export function isKnownMessage (name: Internal): boolean { return Object.hasOwn(checks, name) }

/** What of this message a master would not have. */
export function faults<N extends Internal> (name: N, message: MessageTypes[N], known: Known, received: Received): string[] {
  const from = /^Libprocess-From: (.*)$/m.exec(received.head)?.[1]?.trim() ?? ''
  const check: Check<N> | undefined = checks[name]
  const found = check === undefined ? [`a master does not know ${name}`] : check(message, known, from)
  const wrongTo = name === 'internal.PongSlaveMessage' ? !received.to.startsWith('slave-observer(') : received.to !== 'master'
  return [...found, ...ofTransport(received, from), wrongTo && `${name} is for ${received.to}`].filter(fault => typeof fault === 'string')
}

function ofTransport ({ head, body }: Received, from: string): Array<string | false> {
  const names = head.trim().split('\r\n').slice(1).map(line => line.slice(0, line.indexOf(':')))
  const wanted = ['User-Agent', 'Libprocess-From', 'Connection', 'Host', ...body.length > 0 ? ['Transfer-Encoding'] : []]
  return [
    parseUpid(from) === undefined && 'the sender is none',
    names.join() !== wanted.join() && `the headers are ${names.join()}`,
    !head.includes(`User-Agent: libprocess/${from}\r\n`) && 'User-Agent names another sender',
  ]
}

/** Whatever is here belongs to a framework that is listed, and to the agent that lists it. */
function ofPossessions (message: internal.ReregisterSlaveMessage, known: Known): Array<string | false> {
  const { slave, tasks = [], executor_infos: executors = [], frameworks = [] } = message
  const listed = frameworks.map(({ id }) => id?.value)
  return [
    ...tasks.map(task => task.agent_id.value !== slave.id?.value && `task ${task.task_id.value} is of another agent`),
    ...tasks.map(task => !listed.includes(task.framework_id.value) && `the framework of task ${task.task_id.value} is not listed`),
    ...tasks.map(task => task.executor_id !== undefined && !known.executors.has(keyOf(task.framework_id, task.executor_id)) &&
      `task ${task.task_id.value} names an executor of the agent's own making`),
    ...executors.map(info => !listed.includes(info.framework_id?.value) && `the framework of executor ${info.executor_id.value} is not listed`),
    ...executors.map(info => !known.executors.has(keyOf(info.framework_id, info.executor_id)) &&
      `executor ${info.executor_id.value} is of the agent's own making`),
    hasTwice(tasks.map(task => `${task.framework_id.value}/${task.task_id.value}`)) && 'a task is listed twice',
    hasTwice(executors.map(info => keyOf(info.framework_id, info.executor_id))) && 'an executor is listed twice',
    hasTwice(listed) && 'a framework is listed twice',
  ]
}

function ofVersion (version: string | undefined): Array<string | false> {
  return [!/^[1-9]\d*\.\d+\.\d+/.test(version ?? '') && `version ${version ?? '(none)'} is ignored`]
}

function ofSlave (slave: internal.SlaveInfo, kept: readonly v1.Resource[], from: string): Array<string | false> {
  return [
    kept.length > 0 && slave.checkpoint !== true && 'resources are kept by an agent without checkpoint',
    slave.checkpoint !== true && 'an agent without checkpoint',
    parseUpid(from)?.port !== slave.port && `the port of the agent is ${slave.port}, and its pid is ${from}`,
    (slave.resources ?? []).some(({ allocation_info: info }) => info !== undefined) && 'the agent\'s own resources are allocated',
  ]
}

function hasTwice (all: readonly unknown[]): boolean { return new Set(all).size < all.length }

export function keyOf (framework: v1.FrameworkID | undefined, executor: v1.ExecutorID): string {
  return `${framework?.value ?? ''}/${executor.value}`
}
