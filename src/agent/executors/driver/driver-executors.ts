import type { FastifyInstance } from 'fastify'
import { backoff } from '../../../base/backoff.ts'
import { delay } from '../../../base/deadline.ts'
import type { Log } from '../../../base/log.ts'
import { startThrottle, type Throttle } from '../../../base/throttle.ts'
import type { Containerizer } from '../../../containerizer/containerizer.ts'
import type { Message } from '../../../door/libprocess/frame.ts'
import { farEnd } from '../../../door/libprocess/far-end.ts'
import { openLink, type Connection } from '../../../door/libprocess/link.ts'
import { messageRoutes } from '../../../door/libprocess/message-routes.ts'
import { parseUpid, upidText, type Upid } from '../../../door/libprocess/upid.ts'
import { AgentError, chain } from '../../../model/errors.ts'
import type { v1 } from '../../../wire/messages.ts'
import { BodyPlaces } from '../body-places.ts'
import { idsOf, type Executor } from '../executor.ts'
import type { ExecutorPort, Unacknowledged } from '../executor-port.ts'
import { message } from './driver-events.ts'
import { DriverLink } from './driver-link.ts'
import { driverMessages, readDriverMessage } from './driver-messages.ts'

export interface DriverExecutorsOptions {
  readonly port: ExecutorPort
  /** All executors there are. */
  readonly all: () => Iterable<Executor>
  readonly containerizer: Pick<Containerizer, 'socketOwner'>
  readonly agentInfo: v1.AgentInfo
  /** Where executors on the host's network find the agent. */
  readonly address: () => { readonly ip: string, readonly port: number }
  readonly log: Log
}

const processId = 'slave(1)'
const firstCallMs = 500
const maxCallMs = 30_000
/** Each costs a look at the kernel's files and no more, but anybody can come. */
const maxWaiting = 1_000
const refusalsEveryMs = 10_000

/**
 * Executors of the older driver, which speaks libprocess. It has to be on the host's network: each side dials the other. A message is taken from a
 * connection only, and a connection made only to a listener, that a process of an executor's container has open.
 */
export class DriverExecutors {
  readonly #options: DriverExecutorsOptions

  readonly #closing = new AbortController()
  readonly #bodies = new BodyPlaces()
  readonly #refusals: Throttle<string>

  constructor (options: DriverExecutorsOptions) {
    this.#options = options
    this.#refusals = startThrottle(why => { options.log.warn({ why }, 'libprocess messages are refused') }, refusalsEveryMs)
  }

  close (): void {
    this.#closing.abort()
    this.#refusals[Symbol.dispose]()
  }

  /** Asks those that registered with an earlier run of the agent to come back: they do when they are asked. */
  callBack (): void {
    for (const executor of this.#options.all()) {
      const pid = parseUpid(executor.pid ?? '')
      if (pid !== undefined) void this.#callBack(executor, pid, 0)
    }
  }

  routes (app: FastifyInstance): void {
    messageRoutes<Executor>(app, {
      process: processId, names: driverMessages, maxWaiting,
      admit: connection => this.#executorAt(connection),
      makeRoom: (executor, body) => this.#bodies.take(executor, body),
      take: (message, from, executor) => { this.#take(message, from, executor) },
    })
  }

  async #executorAt (connection: Connection): Promise<Executor | undefined> {
    const { all, containerizer } = this.#options
    const candidates = [...all()].filter(({ container, state }) => container.spec.network === 'host' && state !== 'TERMINATED')
    // Whoever has not registered yet is the likely one.
    candidates.sort((a, b) => Number(a.link !== undefined) - Number(b.link !== undefined))
    try {
      const owner = await containerizer.socketOwner(candidates.map(({ container }) => container), farEnd(connection))
      if (owner === undefined) this.#refusals.add(`no process of an executor's container has the connection from ${connection.remoteIp} open`)
      return candidates.find(({ container }) => container === owner)
    } catch (error) {
      this.#refusals.add(chain(error))
      return undefined
    }
  }

  #take ({ name, body }: Message, from: Upid, executor: Executor): void {
    const { port, log } = this.#options
    try {
      const said = readDriverMessage(name, body, executor)
      if (said.kind === 'register') this.#register(executor, from, said)
      else if (said.kind === 'update') port.update(executor, said.status)
      else port.message(executor, said.data)
    } catch (error) {
      log.warn({ ...idsOf(executor), name, error: chain(error) }, 'a message of an executor was refused')
      throw error
    }
  }

  /** One that is registered already can come back, but not register again: another that does is a second one, and is told to end. */
  #register (executor: Executor, from: Upid, { isBack, unacknowledged }: { isBack: boolean, unacknowledged: Unacknowledged }): void {
    if (!isBack && executor.link instanceof DriverLink && executor.link.pid === upidText(from)) return
    const link = this.#linkTo(executor, from, isBack)
    if (isBack || executor.state === 'REGISTERING') {
      this.#options.port.subscribe(executor, link, unacknowledged)
    } else {
      this.#options.log.warn({ ...idsOf(executor), pid: upidText(from), state: executor.state }, 'an executor that was not expected is told to end')
      link.send({ type: 'SHUTDOWN' })
      link.close()
    }
  }

  #linkTo (executor: Executor, to: Upid, isBack: boolean): DriverLink {
    const { port, agentInfo, log } = this.#options
    return new DriverLink({
      from: this.#self(), to, listener: { executor, agentInfo, isBack },
      admit: connection => this.#admit(executor, connection),
      onBroken: (link, cause) => {
        log.info({ ...idsOf(executor), error: chain(cause) }, 'the link to an executor is broken')
        const wasItsLink = executor.link === link
        port.disconnected(executor, link)
        if (wasItsLink) void this.#callBack(executor, to)
      },
    })
  }

  /** One that may be away for a while is asked to come back; it does so when it is asked, and not before. */
  async #callBack (executor: Executor, to: Upid, firstMs = firstCallMs): Promise<void> {
    let waitMs = firstMs
    for (const nextMs of backoff(firstCallMs, maxCallMs)) {
      await delay(waitMs, this.#closing.signal).catch(() => {})
      if (this.#closing.signal.aborted || executor.state !== 'RUNNING' || executor.link !== undefined) return
      const link = openLink({ from: this.#self(), to, admit: connection => this.#admit(executor, connection), onBroken: () => {} })
      link.send(message('internal.ReconnectExecutorMessage', { slave_id: this.#options.agentInfo.id! }))
      link.close()
      waitMs = nextMs
    }
  }

  #self (): Upid { return { id: processId, ...this.#options.address() } }

  /** Asked once the connection stands: only then is it certain which listener has taken it. */
  async #admit ({ container }: Executor, { remoteIp: ip, remotePort: port }: Connection): Promise<void> {
    const owner = await this.#options.containerizer.socketOwner([container], { local: { ip, port } })
    if (owner !== container) throw new AgentError('UNAUTHORIZED', `no process of the executor's container listens on ${ip}:${port}`)
  }
}
