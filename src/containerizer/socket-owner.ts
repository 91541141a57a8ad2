import PQueue from 'p-queue'
import { race, startDeadline } from '../base/deadline.ts'
import { AgentError } from '../model/errors.ts'
import type { TcpSocket } from '../model/tcp-socket.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'

const lookMs = 5_000
/** Anybody on this host can make us look: other work of the thread is not to wait for long. */
const looksAtOnce = 4

/** Finds out which container has a socket open, as the kernel's files tell it. */
export class SocketOwners {
  readonly #pool: Pool
  readonly #closing: AbortSignal
  readonly #looks = new PQueue({ concurrency: looksAtOnce })

  constructor (pool: Pool, closing: AbortSignal) {
    this.#pool = pool
    this.#closing = closing
  }

  find (containers: readonly Container[], socket: TcpSocket): Promise<Container | undefined> {
    return this.#looks.add(() => this.#find(containers, socket))
  }

  /** An unusual place of cgroups is known once the engine has told of the container: then a second look may find more. */
  async #find (containers: readonly Container[], socket: TcpSocket): Promise<Container | undefined> {
    const created = containers.filter(({ engineId }) => engineId !== undefined)
    if (created.length === 0) return undefined
    using deadline = startDeadline(this.#closing, lookMs, () => new AgentError('STAGE_TIMEOUT', `who owns a socket was not found out within ${lookMs} ms`))
    const untold = created.filter(({ inspected }) => inspected === undefined)
    const owner = await this.#look(created, socket, deadline.signal)
    if (owner !== undefined || untold.length === 0) return owner
    await race(Promise.all(untold.map(({ looked }) => looked.promise)), deadline.signal)
    return await this.#look(untold, socket, deadline.signal)
  }

  async #look (containers: readonly Container[], socket: TcpSocket, signal: AbortSignal): Promise<Container | undefined> {
    const known = containers.map(({ engineId = '', inspected }) => ({ engineId, pid: inspected?.pid }))
    const at = await race(this.#pool.run('socketOwner', { containers: known, socket }, signal), signal)
    return at === undefined ? undefined : containers[at]
  }
}
