import { randomUUID } from 'node:crypto'
import { upidText } from '../../src/door/libprocess/upid.ts'
import type { internal, v1 } from '../../src/wire/messages.ts'
import type { Environment } from './executor-client.ts'
import { LibprocessPeer } from './libprocess-peer.ts'

/** An executor of the older driver, told by its environment whose it is and where its agent is. */
export class DriverExecutor implements AsyncDisposable {
  readonly peer: LibprocessPeer
  readonly agent: string
  readonly #ids: { framework_id: v1.FrameworkID, executor_id: v1.ExecutorID }
  readonly #agentId: v1.AgentID

  private constructor (peer: LibprocessPeer, environment: Environment) {
    const of = (name: string): string => environment[name] ?? ''
    this.peer = peer
    this.agent = of('MESOS_SLAVE_PID')
    this.#ids = { framework_id: { value: of('MESOS_FRAMEWORK_ID') }, executor_id: { value: of('MESOS_EXECUTOR_ID') } }
    this.#agentId = { value: of('MESOS_SLAVE_ID') }
  }

  static async start (environment: Environment): Promise<DriverExecutor> {
    return new DriverExecutor(await LibprocessPeer.start('executor(1)'), environment)
  }

  register (): void { this.peer.send(this.agent, 'internal.RegisterExecutorMessage', this.#ids) }

  reregister (tasks: v1.TaskInfo[], updates: internal.StatusUpdate[]): void {
    this.peer.send(this.agent, 'internal.ReregisterExecutorMessage', { ...this.#ids, tasks, updates })
  }

  /** An update as the driver makes it: all of a recorded one but the ids, or a new one. */
  updateOf (taskId: string, state: v1.TaskState, recorded?: internal.StatusUpdate): internal.StatusUpdate {
    const uuid = recorded?.uuid ?? Buffer.from(randomUUID().replaceAll('-', ''), 'hex')
    const timestamp = recorded?.timestamp ?? Date.now() / 1000
    const status: v1.TaskStatus = { ...recorded?.status, task_id: { value: taskId }, state, agent_id: this.#agentId, timestamp, uuid }
    return { ...this.#ids, slave_id: this.#agentId, status, timestamp, uuid }
  }

  tell (update: internal.StatusUpdate): void {
    this.peer.send(this.agent, 'internal.StatusUpdateMessage', { update, pid: upidText(this.peer.pid) })
  }

  say (text: string): void {
    this.peer.send(this.agent, 'internal.ExecutorToFrameworkMessage', { ...this.#ids, slave_id: this.#agentId, data: Buffer.from(text) })
  }

  /** Ends as a program does: its connections close. */
  async [Symbol.asyncDispose] (): Promise<void> { await this.peer[Symbol.asyncDispose]() }
}
