import { join } from 'node:path'
import { Agent } from 'undici'
import { delay } from '../../../src/base/deadline.ts'
import type { executor as api, v1 } from '../../../src/wire/messages.ts'
import { isTerminal } from '../../../src/agent/task-status.ts'
import { ExecutorClient, type Environment } from '../../support/executor-client.ts'
import type { SimEngine } from '../../support/sim-engine.ts'
import type { SimContainer } from '../engine/control.ts'

const lookMs = 50
const idleMs = 20

/** In every container of an executor somebody who acts as its program would, however often the agent goes away. */
export class LastingExecutors {
  readonly #engine: SimEngine
  readonly #dispatcher: Agent
  readonly #known = new Map<string, LastingExecutor>()
  #isClosed = false
  #watching: Promise<void> | undefined

  constructor (engine: SimEngine, workDir: string) {
    this.#engine = engine
    this.#dispatcher = new Agent({ connect: { socketPath: join(workDir, 'executor-door', 'executor.sock') } })
  }

  /** Every task that was sent to one of them, as often as it was. */
  get launched (): string[] { return [...this.#known.values()].flatMap(({ launched }) => launched) }
  /** How often one of them has subscribed. */
  get subscriptions (): number { return [...this.#known.values()].reduce((sum, one) => sum + one.subscriptions, 0) }

  /** From now on. */
  attend (): void { this.#watching ??= this.#watch() }

  close (): void {
    this.#isClosed = true
    for (const one of this.#known.values()) one.end()
    this.#dispatcher.destroy().catch(() => {})
  }

  async #watch (): Promise<void> {
    for (; !this.#isClosed; await delay(lookMs)) {
      const all = await this.#engine.containers().catch((): SimContainer[] => [])
      const running = new Map(all.filter(({ state, labels }) => state === 'running' && labels['slipway.executor'] !== undefined).map(one => [one.id, one]))
      for (const [id, one] of this.#known) if (!running.has(id)) one.end()
      for (const [id, { body }] of running) {
        const environment = Object.fromEntries((body.Env ?? []).map(entry => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]))
        if (environment['MESOS_EXECUTOR_ID'] === undefined || this.#known.has(id)) continue
        const exit = async (): Promise<void> => { await this.#engine.exit(id, 0) }
        this.#known.set(id, new LastingExecutor(environment, this.#dispatcher, exit))
      }
    }
  }
}

/** Comes back when its stream ends, tells again what was not acknowledged, and ends its container when it is told to. */
class LastingExecutor {
  readonly launched: string[] = []
  subscriptions = 0
  readonly #environment: Environment
  readonly #dispatcher: Agent
  readonly #exit: () => Promise<void>
  readonly #tasks = new Map<string, v1.TaskInfo>()
  readonly #updates = new Map<string, object>()
  readonly #over = new Set<string>()
  #client: ExecutorClient | undefined
  #hasEnded = false

  constructor (environment: Environment, dispatcher: Agent, exit: () => Promise<void>) {
    this.#environment = environment
    this.#dispatcher = dispatcher
    this.#exit = exit
    void this.#live()
  }

  end (): void {
    this.#hasEnded = true
    this.#client?.drop()
  }

  async #live (): Promise<void> {
    for (; !this.#hasEnded; await delay(lookMs)) {
      const client = this.#client = new ExecutorClient(this.#environment, { dispatcher: this.#dispatcher, endpoint: 'localhost' })
      const updates = [...this.#updates.values()].map(status => ({ status }))
      await client.subscribe({ unacknowledged_tasks: [...this.#tasks.values()], unacknowledged_updates: updates }).then(() => this.#hearAll(client), () => {})
      client.drop()
    }
  }

  async #hearAll (client: ExecutorClient): Promise<void> {
    this.subscriptions++
    while (!client.isOver && !this.#hasEnded) {
      for (const event of client.events.splice(0)) await this.#hear(event, client)
      await delay(idleMs)
    }
  }

  async #hear ({ type, launch, kill, acknowledged }: api.Event, client: ExecutorClient): Promise<void> {
    if (type === 'LAUNCH' && launch !== undefined) {
      const taskId = launch.task.task_id.value
      this.launched.push(taskId)
      this.#tasks.set(taskId, launch.task)
      await this.#tell(taskId, 'TASK_RUNNING', client)
    }
    if (type === 'KILL' && kill !== undefined) await this.#tell(kill.task_id.value, 'TASK_KILLED', client)
    if (type === 'ACKNOWLEDGED' && acknowledged !== undefined) {
      this.#updates.delete(Buffer.from(acknowledged.uuid).toString('base64'))
      this.#tasks.delete(acknowledged.task_id.value)
    }
    if (type === 'SHUTDOWN') await this.#exit().catch(() => {})
  }

  /** Once for each end. */
  async #tell (taskId: string, state: v1.TaskState, client: ExecutorClient): Promise<void> {
    if (this.#over.has(taskId)) return
    if (isTerminal(state)) this.#over.add(taskId)
    const status = client.status(taskId, state) as { uuid: string }
    this.#updates.set(status.uuid, status)
    await client.call('UPDATE', { update: { status } }).catch(() => {})
  }
}
