import { userInfo } from 'node:os'
import { backoff } from '../base/backoff.ts'
import { delay } from '../base/deadline.ts'
import { AgentError } from '../model/errors.ts'
import type { scheduler, v1 } from '../wire/messages.ts'
import type { Server } from './server.ts'
import { openSubscription, Refused, type Subscription } from './subscription.ts'

/** What the master is told of a framework that will be left: it acknowledges for it, and keeps its tasks this long. */
const detached = { name: 'slipway-cli', failover_timeout: 7 * 24 * 3600, labels: { labels: [{ key: 'slipway.detached', value: 'true' }] } }

/** A cluster has other masters when one goes; they wait for us so long. */
const clusterPatienceS = 120
const lastCallMs = 2_000

export interface FrameworkWish {
  readonly name: string
  readonly detach: boolean
  /** How long to try to come back when the connection is lost. */
  readonly returnMs: number
  /** The connection is lost, and it is tried to come back. */
  readonly onLost: (why: Error) => void
}

/** A framework at a scheduler API, ours or a Mesos master's. Disposing it tears it down. */
export interface Framework extends AsyncDisposable {
  readonly id: string
  /** Who speaks now. */
  readonly master: v1.MasterInfo | undefined
  /** What the master says, over lost connections, each of which is followed by another SUBSCRIBED; throws why there is no more. */
  events (): AsyncGenerator<scheduler.Event>
  send (call: Omit<scheduler.Call, 'framework_id'>): Promise<void>
  /** Ends the connection and tries to come back: what has not reached the master would be waited for in vain. */
  lose (reason: AgentError): void
  /** Ends it all; `events` throws the reason. */
  close (reason: Error): void
  /** From here on disposing it leaves its tasks alone. Only where it was subscribed to be left. */
  leave (): void
}

export async function subscribe (server: Server, wish: FrameworkWish, signal: AbortSignal): Promise<Framework> {
  signal.throwIfAborted()
  const life = new AbortController()
  let isLeft = false
  const close = (reason: Error): void => { life.abort(reason) }
  const onLeave = (): void => { life.abort(signal.reason) }
  const end = (): void => {
    signal.removeEventListener('abort', onLeave)
    close(new Error('the framework has ended'))
  }
  signal.addEventListener('abort', onLeave, { once: true })
  try {
    const info = infoOf(server, wish)
    const first = await openSubscription(server, info, life.signal)
    const { framework_id: id } = first.subscribed
    const connection = new Connection(first, () => openSubscription(server, { ...info, id }, life.signal), { ...wish, signal: life.signal })
    return {
      id: id.value,
      get master () { return connection.master },
      events: () => connection.events(),
      send: call => connection.send(call),
      lose: reason => { connection.lose(reason) },
      close,
      leave () { isLeft = true },
      async [Symbol.asyncDispose] () {
        // A closed connection has the same effect, unless it was subscribed to be left.
        const isWaitedFor = wish.detach || server.leader !== undefined
        if (!isLeft && (isWaitedFor || !life.signal.aborted)) await connection.send({ type: 'TEARDOWN' }, AbortSignal.timeout(lastCallMs)).catch(() => {})
        end()
      },
    }
  } catch (error) {
    end()
    throw error
  }
}

function infoOf ({ leader, credential }: Server, { name, detach }: FrameworkWish): v1.FrameworkInfo {
  return {
    user: userInfo().username,
    name: `slipway run ${name}`,
    roles: ['*'],
    capabilities: [{ type: 'MULTI_ROLE' }, { type: 'TASK_KILLING_STATE' }, { type: 'RESERVATION_REFINEMENT' }],
    failover_timeout: leader ? clusterPatienceS : 0,
    ...credential && { principal: credential.principal },
    ...(detach && detached),
  }
}

interface Ways extends Pick<FrameworkWish, 'returnMs' | 'onLost'> { readonly signal: AbortSignal }

/** The subscription of now: another one after an agent's restart. */
class Connection {
  #now: Subscription
  readonly #again: () => Promise<Subscription>
  readonly #ways: Ways

  constructor (first: Subscription, again: () => Promise<Subscription>, ways: Ways) {
    this.#now = first
    this.#again = again
    this.#ways = ways
  }

  get master (): v1.MasterInfo | undefined { return this.#now.subscribed.master_info }

  send (call: Omit<scheduler.Call, 'framework_id'>, ownSignal?: AbortSignal): Promise<void> { return this.#now.send(call, ownSignal) }

  lose (reason: AgentError): void { this.#now.close(reason) }

  async * events (): AsyncGenerator<scheduler.Event> {
    for (;;) {
      try {
        yield * this.#now.events()
      } catch (error) {
        if (!this.#canComeBack(error)) throw error
        this.#now = await this.#comeBack(error)
      }
      yield { type: 'SUBSCRIBED', subscribed: this.#now.subscribed }
    }
  }

  #canComeBack (error: unknown): error is AgentError {
    const { signal, returnMs } = this.#ways
    return !signal.aborted && returnMs > 0 && error instanceof AgentError && error.code === 'AGENT_UNREACHABLE'
  }

  async #comeBack (lost: AgentError): Promise<Subscription> {
    const { signal, returnMs, onLost } = this.#ways
    const endMs = performance.now() + returnMs
    onLost(lost)
    for (const waitMs of backoff(100, 1000)) {
      await delay(waitMs, signal)
      try {
        return await this.#again()
      } catch (error) {
        if (error instanceof Refused || !this.#canComeBack(error)) throw error
        if (performance.now() > endMs) throw lost
      }
    }
    throw lost
  }
}
