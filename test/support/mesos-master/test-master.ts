import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { frame } from '../../../src/door/libprocess/frame.ts'
import { parseUpid, type Upid } from '../../../src/door/libprocess/upid.ts'
import type { internal, MessageTypes, v1 } from '../../../src/wire/messages.ts'
import { decodeProtobuf, encodeProtobuf } from '../../../src/wire/protobuf.ts'
import { eventually } from '../eventually.ts'
import { LibprocessPeer, type Internal, type Received } from '../libprocess-peer.ts'
import { faults, isKnownMessage, keyOf, type Known } from './requirements.ts'

export interface TestMasterOptions {
  readonly port?: number
  /** Answers registrations by itself, and acknowledges updates. Off: the test does. */
  readonly answers?: boolean
  readonly acknowledges?: boolean
  readonly pingTimeoutSeconds?: number
}

/** What came, with the head of its request. */
export interface LogEntry { readonly name: Internal, readonly message: MessageTypes[Internal], readonly head: string }

/** A Mesos master as an agent sees it. It notes whatever a real one would ignore, refuse or end for; the test fails of it. */
export class TestMaster implements AsyncDisposable {
  readonly peer: LibprocessPeer
  readonly options: TestMasterOptions
  readonly violations: string[] = []
  /** All that came and was fit to be taken, with its type. */
  readonly log: LogEntry[] = []
  readonly updates: internal.StatusUpdate[] = []
  acknowledges: boolean
  answers: boolean
  agentPid = ''
  agentId: string | undefined
  registrations = 0
  reregistrations = 0
  readonly gone = new Set<string>()
  readonly #executors = new Set<string>()
  #slave: internal.SlaveInfo | undefined
  #isRegistered = false
  #resourceVersion: Uint8Array | undefined
  #capabilities = new Set<string>()
  #socket: Socket | undefined

  private constructor (peer: LibprocessPeer, options: TestMasterOptions) {
    this.peer = peer
    this.options = options
    this.answers = options.answers ?? true
    this.acknowledges = options.acknowledges ?? true
    peer.onMessage = received => { this.#take(received); return true }
  }

  static async start (options: TestMasterOptions = {}): Promise<TestMaster> {
    return new TestMaster(await LibprocessPeer.start('master', options.port), options)
  }

  get address (): string { return `127.0.0.1:${this.peer.pid.port}` }
  get isRegistered (): boolean { return this.#isRegistered }
  set isRegistered (value) { this.#isRegistered = value }
  get resourceVersion (): Uint8Array { return this.#resourceVersion ?? new Uint8Array() }
  get capabilities (): ReadonlySet<string> { return this.#capabilities }

  /** Over the one connection to the agent, as libprocess does. */
  send<N extends Internal> (name: N, message: MessageTypes[N], as = 'master'): void {
    this.sendBytes({ name: `mesos.${name}`, body: encodeProtobuf(name, message) }, as)
  }

  sendBytes (message: { name: string, body: Uint8Array }, as = 'master'): void {
    const to = parseUpid(this.agentPid)!
    const from: Upid = { ...this.peer.pid, id: as }
    this.#open(to).write(frame(message, { from, to }))
  }

  /** To the agent; opened when there is none. */
  #open (to: Upid): Socket {
    if (this.#socket !== undefined && !this.#socket.destroyed) return this.#socket
    const socket = this.#socket = connect({ host: to.ip, port: to.port })
    socket.on('error', () => {})
    socket.resume()
    return socket
  }

  get socket (): Socket | undefined { return this.#socket }

  ping (connected = true): void { this.send('internal.PingSlaveMessage', { connected }, 'slave-observer(1)') }

  register (id = this.agentId ?? `${randomUUID()}-S0`): void {
    this.agentId = id
    this.#isRegistered = true
    this.send('internal.SlaveRegisteredMessage', { slave_id: { value: id }, connection: this.#connection() })
  }

  reregister (reconciliations: internal.ReconcileTasksMessage[] = []): void {
    this.#isRegistered = true
    this.send('internal.SlaveReregisteredMessage', { slave_id: { value: this.agentId ?? '' }, connection: this.#connection(), reconciliations })
  }

  /** A framework has an executor of its own here. */
  expectExecutor (framework: v1.FrameworkID | undefined, executor: v1.ExecutorID): void { this.#executors.add(keyOf(framework, executor)) }

  run (task: v1.TaskInfo, framework: v1.FrameworkInfo, more: Partial<internal.RunTaskMessage> = {}): void {
    const isNew = task.executor !== undefined && !this.#executors.has(keyOf(framework.id, task.executor.executor_id))
    if (task.executor !== undefined) this.#executors.add(keyOf(framework.id, task.executor.executor_id))
    this.send('internal.RunTaskMessage', {
      framework, pid: '@0.0.0.0:0', task: { ...task, agent_id: { value: this.agentId ?? '' } },
      resource_version_uuids: [{ uuid: { value: this.resourceVersion } }], launch_executor: task.executor === undefined || isNew, ...more,
    })
  }

  kill (frameworkId: string, taskId: string, policy?: v1.KillPolicy): void {
    this.send('internal.KillTaskMessage', { framework_id: { value: frameworkId }, task_id: { value: taskId }, kill_policy: policy })
  }

  acknowledge ({ framework_id: framework, status }: internal.StatusUpdate): void {
    this.send('internal.StatusUpdateAcknowledgementMessage', {
      slave_id: { value: this.agentId ?? '' }, framework_id: framework, task_id: status.task_id, uuid: status.uuid ?? new Uint8Array(),
    })
  }

  of<N extends Internal> (name: N): Array<MessageTypes[N]> {
    return this.log.filter(entry => entry.name === name).map(({ message }) => message as MessageTypes[N])
  }

  statesOf (taskId: string): v1.TaskState[] {
    const seen = new Set<string>()
    return this.updates.filter(({ status }) => {
      const key = Buffer.from(status.uuid ?? []).toString('hex')
      return status.task_id.value === taskId && !seen.has(key) && seen.add(key)
    }).map(({ status }) => status.state)
  }

  async reaches (taskId: string, state: v1.TaskState, withinMs = 15_000): Promise<v1.TaskStatus> {
    return await eventually(() => this.updates.find(({ status }) => status.task_id.value === taskId && status.state === state)?.status ?? false,
      { withinMs, reason: `${state} of ${taskId} after ${this.statesOf(taskId).join()}` })
  }

  async registered (withinMs = 15_000): Promise<void> {
    await eventually(() => this.#isRegistered && this.of('internal.UpdateSlaveMessage').length > 0, { withinMs, reason: 'the registration of an agent' })
  }

  /** Connections break, and none is taken any more until `restart`. */
  async [Symbol.asyncDispose] (): Promise<void> {
    this.#socket?.destroy()
    await this.peer[Symbol.asyncDispose]()
    assert.deepEqual(this.violations, [], 'what a master would not have')
  }

  #connection (): internal.MasterSlaveConnection {
    return { total_ping_timeout_seconds: this.options.pingTimeoutSeconds ?? 75 }
  }

  #known (): Known {
    return {
      agentId: this.agentId, gone: this.gone, slave: this.#slave, isRegistered: this.#isRegistered, resourceVersion: this.#resourceVersion,
      capabilities: this.#capabilities, executors: this.#executors,
    }
  }

  #take (received: Received): void {
    const name = received.name.replace(/^mesos\./, '') as Internal
    if (!isKnownMessage(name)) { this.violations.push(`a master does not know ${received.name}`); return }
    const message = decodeProtobuf(name, received.body)
    const found = faults(name, message, this.#known(), received)
    this.violations.push(...found)
    const from = /^Libprocess-From: (.*)$/m.exec(received.head)?.[1]?.trim() ?? ''
    this.log.push({ name, message, head: received.head })
    if (found.length === 0) this.#act(name, message, from)
  }

  #act (name: Internal, message: MessageTypes[Internal], from: string): void {
    if (name === 'internal.RegisterSlaveMessage' || name === 'internal.ReregisterSlaveMessage') {
      this.#meet(message as internal.RegisterSlaveMessage, from, name === 'internal.ReregisterSlaveMessage')
    } else if (name === 'internal.StatusUpdateMessage') {
      const { update } = message as internal.StatusUpdateMessage
      this.updates.push(update)
      if (this.acknowledges) this.acknowledge(update)
    } else if (name === 'internal.UpdateSlaveMessage') {
      this.#resourceVersion = (message as internal.UpdateSlaveMessage).resource_version_uuid?.value
    } else if (name === 'internal.UnregisterSlaveMessage') {
      this.#isRegistered = false
    }
  }

  #meet (message: internal.RegisterSlaveMessage | internal.ReregisterSlaveMessage, from: string, isAgain: boolean): void {
    if (from !== this.agentPid) { this.#socket?.destroy(); this.#socket = undefined }
    this.agentPid = from
    this.#slave = message.slave
    this.#resourceVersion = message.resource_version_uuid?.value
    this.#capabilities = new Set((message.agent_capabilities ?? []).map(({ type }) => type ?? 'UNKNOWN'))
    if (isAgain) this.reregistrations++
    else this.registrations++
    if (isAgain) this.agentId = message.slave.id?.value
    if (!this.answers) return
    if (isAgain) this.reregister()
    else this.register()
    this.ping()
  }
}
