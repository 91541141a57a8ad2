import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toDriver, type Listener } from '../../../../../src/agent/executors/driver/driver-events.ts'
import { driverMessages, readDriverMessage } from '../../../../../src/agent/executors/driver/driver-messages.ts'
import type { executor, internal, MessageTypes, v1 } from '../../../../../src/wire/messages.ts'
import { decodeProtobuf, encodeProtobuf } from '../../../../../src/wire/protobuf.ts'
import { bodyBytes, recordedWire, typeOf, type WireLine } from '../../../wire/recorded-wire.ts'

interface Told { event: executor.Event, listener: Listener }

const agentId = { value: 'd155b5b8-f75b-462f-9e06-1b69d601bac3-S0' }
const someone = { frameworkId: 'F', executorId: 'E', framework: { user: 'root', name: 'f' } }

function listener (frameworkId: string, more: Partial<Listener> = {}, framework: v1.FrameworkInfo = someone.framework): Listener {
  return { executor: { frameworkId, executorId: 'E', framework }, agentInfo: { hostname: '127.0.0.1', id: agentId }, isBack: false, ...more }
}

function decode<N extends keyof MessageTypes> (type: N, line: WireLine): MessageTypes[N] {
  return decodeProtobuf(type, bodyBytes(line))
}

/** What the recording agent was about to say, as events; undefined where it is not said by an event. */
const asEvents: Record<string, (line: WireLine) => Told> = {
  'internal.ExecutorRegisteredMessage': line => {
    const { executor_info: info, framework_info: framework, slave_info: slave } = decode('internal.ExecutorRegisteredMessage', line)
    const { checkpoint, ...agentInfo } = slave
    assert.equal(checkpoint, true)
    const event: executor.Event = { type: 'SUBSCRIBED', subscribed: { executor_info: info, framework_info: framework, agent_info: agentInfo } }
    return { event, listener: listener(framework.id!.value, { agentInfo }) }
  },
  'internal.ExecutorReregisteredMessage': line => {
    const { slave_info: { checkpoint: _, ...agentInfo } } = decode('internal.ExecutorReregisteredMessage', line)
    return { event: { type: 'SUBSCRIBED' }, listener: listener('F', { agentInfo, isBack: true }) }
  },
  'internal.RunTaskMessage': line => {
    const { framework, task } = decode('internal.RunTaskMessage', line)
    return { event: { type: 'LAUNCH', launch: { task } }, listener: listener(framework.id!.value, {}, framework) }
  },
  'internal.KillTaskMessage': line => {
    const { framework_id: framework, ...kill } = decode('internal.KillTaskMessage', line)
    return { event: { type: 'KILL', kill }, listener: listener(framework.value) }
  },
  'internal.StatusUpdateAcknowledgementMessage': line => {
    const { slave_id: id, framework_id: framework, ...acknowledged } = decode('internal.StatusUpdateAcknowledgementMessage', line)
    return { event: { type: 'ACKNOWLEDGED', acknowledged }, listener: listener(framework.value, { agentInfo: { hostname: '127.0.0.1', id } }) }
  },
  'internal.ShutdownExecutorMessage': () => ({ event: { type: 'SHUTDOWN' }, listener: listener('F') }),
}

test('what an agent told its executors is said byte for byte, but for the id that old drivers want beside a task', t => {
  let count = 0
  for (const [name, line] of recordedWire('wire-executor-v0')) {
    const told = line.direction === 'agent->executor' ? asEvents[typeOf(line)]?.(line) : undefined
    if (told === undefined) continue
    const said = toDriver(told.event, told.listener)!
    assert.equal(said.name, line.message, name)
    assert.equal(hex(withoutOldId(said.name, said.body)), hex(bodyBytes(line)), name)
    count++
  }
  t.diagnostic(`${count} messages`)
  assert.equal(count, 80)
})

test('a message of a framework reaches its executor; what a driver has no word for is not said', () => {
  const said = toDriver({ type: 'MESSAGE', message: { data: Buffer.from('hello') } }, listener('F'))!
  assert.equal(said.name, 'mesos.internal.FrameworkToExecutorMessage')
  const { slave_id: slave, framework_id: framework, executor_id: to, data } = decodeProtobuf('internal.FrameworkToExecutorMessage', said.body)
  assert.deepEqual([slave, framework, to, Buffer.from(data).toString()], [agentId, { value: 'F' }, { value: 'E' }, 'hello'])
  for (const type of ['HEARTBEAT', 'ERROR', 'LAUNCH_GROUP', 'UNKNOWN'] as const) assert.equal(toDriver({ type }, listener('F')), undefined)
})

test('everything that recorded executors said is understood', t => {
  const tally: Record<string, number> = {}
  for (const [name, line] of recordedWire('wire-executor-v0')) {
    if (line.direction !== 'executor->agent') continue
    const said = readDriverMessage(line.message, bodyBytes(line), senderOf(line))
    tally[said.kind] = (tally[said.kind] ?? 0) + 1
    if (said.kind !== 'update') continue
    const { update } = decode('internal.StatusUpdateMessage', line)
    assert.deepEqual(said.status, { ...update.status, source: 'SOURCE_EXECUTOR' }, name)
  }
  t.diagnostic(JSON.stringify(tally))
  assert.deepEqual(tally, { register: 15, update: 49 })
})

test('one that comes back brings what it has not seen acknowledged; an old driver tells uuid and time beside the status', () => {
  const uuid = Buffer.alloc(16, 7)
  const update: internal.StatusUpdate = {
    framework_id: { value: 'F' }, executor_id: { value: 'E' }, status: { task_id: { value: 't' }, state: 'TASK_RUNNING' }, timestamp: 12.5, uuid,
  }
  const body = encodeProtobuf('internal.ReregisterExecutorMessage', {
    executor_id: { value: 'E' }, framework_id: { value: 'F' }, tasks: [{ name: 't', task_id: { value: 't' }, agent_id: agentId }], updates: [update],
  })
  const said = readDriverMessage('mesos.internal.ReregisterExecutorMessage', body, someone)
  assert.ok(said.kind === 'register' && said.isBack)
  assert.deepEqual(said.unacknowledged.tasks.map(task => task.task_id.value), ['t'])
  const [status] = said.unacknowledged.updates
  assert.deepEqual({ ...status, uuid: hex(status!.uuid!) }, { ...update.status, timestamp: 12.5, uuid: hex(uuid), source: 'SOURCE_EXECUTOR' })
})

test('a message that is none, or that speaks for another executor, is refused with the field\'s name', () => {
  const status: v1.TaskStatus = { task_id: { value: 't' }, state: 'TASK_RUNNING' }
  const update = { framework_id: { value: 'F' }, executor_id: { value: 'E' }, status, timestamp: 1, uuid: Buffer.alloc(16) }
  const updated = (more: Partial<internal.StatusUpdate>): Uint8Array => encodeProtobuf('internal.StatusUpdateMessage', { update: { ...update, ...more } })
  const bad: Array<[name: string, body: Uint8Array, field: RegExp]> = [
    ['RegisterExecutorMessage', Buffer.from([0xff, 0xff]), /Malformed protobuf/],
    ['RegisterExecutorMessage', Buffer.alloc(0), /Missing required fields: framework_id, executor_id/],
    ['RegisterExecutorMessage', ids({ framework: 'G' }), /framework_id 'G' is not the sender's/],
    ['RegisterExecutorMessage', ids({ executor: 'G' }), /executor_id 'G' is not the sender's/],
    ['StatusUpdateMessage', updated({ executor_id: { value: 'G' } }), /executor_id 'G'/],
    ['StatusUpdateMessage', updated({ uuid: undefined }), /update\.uuid must be 16 bytes/],
    ['StatusUpdateMessage', updated({ uuid: Buffer.alloc(15) }), /update\.uuid must be 16 bytes/],
    ['StatusUpdateMessage', updated({ status: { ...status, state: 'TASK_STAGING' } }), /update\.status\.state must not be TASK_STAGING/],
  ]
  for (const [name, body, words] of bad) assert.throws(() => readDriverMessage(`mesos.internal.${name}`, body, someone), words)
  assert.equal(driverMessages.length, 4)
})

function ids ({ framework = 'F', executor = 'E' }: { framework?: string, executor?: string }): Uint8Array {
  return encodeProtobuf('internal.RegisterExecutorMessage', { framework_id: { value: framework }, executor_id: { value: executor } })
}

function senderOf (line: WireLine): { frameworkId: string, executorId: string } {
  const { framework_id: framework, executor_id: id } = (line.decoded['update'] ?? line.decoded) as Record<string, { value: string }>
  return { frameworkId: framework!.value, executorId: id!.value }
}

function withoutOldId (name: string, body: Uint8Array): Uint8Array {
  if (name !== 'mesos.internal.RunTaskMessage') return body
  const { framework_id: id, ...rest } = decodeProtobuf('internal.RunTaskMessage', body)
  assert.deepEqual(id, rest.framework.id)
  return encodeProtobuf('internal.RunTaskMessage', rest)
}

function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
