import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { internal, MessageTypes } from '../../src/wire/messages.ts'
import { eventually } from '../support/eventually.ts'
import type { Internal, Received } from '../support/libprocess-peer.ts'
import { framework, openCluster, shellTask } from '../support/mesos-master/cluster-ground.ts'
import { faults, type Known } from '../support/mesos-master/requirements.ts'
import type { TestMaster } from '../support/mesos-master/test-master.ts'

/** A message that our agent has sent, made worse. */
interface Mutation<N extends Internal = Internal> {
  readonly name: N
  readonly what: string
  readonly trips: RegExp
  spoil? (message: MessageTypes[N]): void
  readonly known?: Partial<Known>
  readonly to?: string
  head? (head: string): string
}

function mutation<N extends Internal> (name: N, what: string, trips: RegExp, spoil?: (message: MessageTypes[N]) => void): Mutation {
  const whole: Mutation<N> = { name, what, trips, ...(spoil && { spoil }) }
  return whole
}

const first = 'internal.RegisterSlaveMessage'
const again = 'internal.ReregisterSlaveMessage'
const update = 'internal.StatusUpdateMessage'

const mutations: Mutation[] = [
  mutation(first, 'an old version', /version 0\.28\.3 is ignored/, message => { message.version = '0.28.3' }),
  mutation(first, 'no version', /version \(none\) is ignored/, message => { delete message.version }),
  mutation(first, 'a version that is none', /version abc is ignored/, message => { message.version = 'abc' }),
  mutation(first, 'an id', /has an id/, ({ slave }) => { slave.id = { value: 'x' } }),
  mutation(first, 'no checkpoint', /without checkpoint/, ({ slave }) => { slave.checkpoint = false }),
  mutation(first, 'another port', /the port of the agent/, ({ slave }) => { slave.port = 1 }),
  mutation(first, 'allocated resources', /are allocated/, ({ slave }) => { slave.resources![0]!.allocation_info = { role: '*' } }),
  mutation(again, 'kept resources without checkpoint', /resources are kept by an agent without checkpoint/, message => {
    message.checkpointed_resources = message.slave.resources
    message.slave.checkpoint = false
  }),
  mutation(again, 'no id', /has no id/, ({ slave }) => { delete slave.id }),
  mutation(again, 'another hostname', /has moved/, ({ slave }) => { slave.hostname = 'elsewhere' }),
  mutation(again, 'a task of another agent', /is of another agent/, ({ tasks }) => { tasks![0]!.agent_id = { value: 'other' } }),
  mutation(again, 'no frameworks', /framework of task t is not listed/, message => { message.frameworks = [] }),
  mutation(again, 'a task twice', /a task is listed twice/, message => { message.tasks = [...message.tasks!, ...message.tasks!] }),
  mutation(again, 'a framework twice', /a framework is listed twice/, message => { message.frameworks = [...message.frameworks!, ...message.frameworks!] }),
  mutation(again, 'the executor of a command', /executor of the agent's own making/, ({ tasks }) => { tasks![0]!.executor_id = { value: 't' } }),
  mutation(again, 'an executor of its own making', /executor t is of the agent's own making/, message => {
    message.executor_infos = [{ executor_id: { value: 't' }, framework_id: { value: 'f1' } }]
  }),
  mutation(again, 'an executor whose framework is not there', /framework of executor t is not listed/, message => {
    message.executor_infos = [{ executor_id: { value: 't' }, framework_id: { value: 'other' } }]
  }),
  mutation(update, 'no pid', /ABORT: an update has no pid/, message => { delete message.pid }),
  mutation(update, 'an empty pid', /ABORT: an update has no pid/, message => { message.pid = '' }),
  mutation(update, 'another\'s pid', /not its sender's/, message => { message.pid = 'slave(1)@127.0.0.1:1' }),
  mutation(update, 'no uuid', /ABORT: the status of an update has no uuid/, message => { delete message.update.status.uuid }),
  mutation(update, 'two uuids', /two uuids/, message => { message.update.uuid = Buffer.alloc(16, 1) }),
  mutation(update, 'another agent', /names another agent/, message => { message.update.slave_id = { value: 'other' } }),
  { ...mutation(update, 'before the registration', /not registered/), known: { isRegistered: false } },
  { ...mutation(again, 'after it was marked gone', /that is gone/), known: { gone: new Set(['the id']) } },
  { ...mutation('internal.UpdateSlaveMessage', 'before the registration', /before its registration/), known: { isRegistered: false } },
  mutation('internal.UpdateSlaveMessage', 'another agent', /names another one/, message => { message.slave_id = { value: 'other' } }),
  { ...mutation('internal.PongSlaveMessage', 'to the master itself', /is for master/), to: 'master' },
  { ...mutation(update, 'to somebody else', /is for slave-observer/), to: 'slave-observer(1)' },
  { ...mutation(update, 'other headers', /the headers are/), head: head => head.replace('Host: \r\n', '') },
  { ...mutation(update, 'no sender', /the sender is none/), head: head => head.replace(/Libprocess-From: .*\r\n/, 'Libprocess-From: nobody\r\n') },
]

test('each thing that a master would not have is noticed, and nothing of what our agent says is one', async t => {
  await using ground = await openCluster()
  const { master } = ground
  master.run(shellTask('t', 'sleep 1000'), framework)
  await master.reaches('t', 'TASK_RUNNING')
  master.ping(false)
  await eventually(() => master.reregistrations >= 1 && master.of('internal.UpdateSlaveMessage').length >= 2, { withinMs: 60_000 })
  for (const mutation of mutations) {
    await t.test(`${mutation.name.slice('internal.'.length)} with ${mutation.what}`, () => {
      const [good, bad] = [verdictOf(master, { name: mutation.name } as Mutation), verdictOf(master, mutation)]
      assert.deepEqual(good, [])
      assert.ok(bad.some(fault => mutation.trips.test(fault)), `${bad.join('; ')} is not ${mutation.trips.source}`)
    })
  }
})

function verdictOf (master: TestMaster, { name, spoil, known, to, head = text => text }: Mutation): string[] {
  const entry = master.log.find(one => one.name === name)!
  const message = structuredClone(entry.message)
  spoil?.(message)
  const isAboutGone = known?.gone !== undefined
  const received: Received = {
    name: `mesos.${name}`, to: to ?? (name === 'internal.PongSlaveMessage' ? 'slave-observer(1)' : 'master'), head: head(entry.head),
    body: Buffer.alloc(name === 'internal.PongSlaveMessage' ? 0 : 1),
  }
  const slave = (master.of('internal.ReregisterSlaveMessage')[0] as internal.ReregisterSlaveMessage).slave
  return faults(name, message, {
    agentId: master.agentId, gone: isAboutGone ? new Set([master.agentId ?? '']) : new Set(), slave, isRegistered: known?.isRegistered ?? true,
    resourceVersion: undefined, capabilities: new Set(), executors: new Set(),
  }, received)
}
