import { isIP } from 'node:net'
import { backoff } from '../base/backoff.ts'
import { delay, race, startDeadline } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import { AgentError, chain } from '../model/errors.ts'
import type { MasterDetector } from './detector.ts'
import { resolveHost, type Lookup } from './fixed-master.ts'
import { LeaderNews } from './leader-news.ts'
import type { HostPort, ZooKeeperAddress } from './master-address.ts'
import { leadingNode, readMasterNode } from './master-node.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { openSession, type Session } from './zookeeper/session.ts'

export interface ZooKeeperDeps { readonly log: Log, readonly sessionTimeoutMs?: number, readonly lookup?: Lookup }

const usualTimeoutMs = 10_000
const shortestConnectMs = 1000
const firstWaitMs = 100

/** The master whose node in ZooKeeper is the first. An ensemble that is lost is looked for on; for the time of a session its leader stays. */
export function followZooKeeperMaster (address: ZooKeeperAddress, deps: ZooKeeperDeps): MasterDetector {
  const life = new AbortController()
  let ended: Promise<void> = Promise.resolve()
  return {
    follow (told) {
      const news = new LeaderNews((leader, problem) => { if (!life.signal.aborted) told(leader, problem) }, deps.sessionTimeoutMs ?? usualTimeoutMs)
      const watch = new LeaderWatch(address, deps, news, life.signal)
      ended = Promise.resolve().then(() => watch.run()).catch(() => {})      // it ends with the signal alone
    },
    async close () {
      life.abort(new Error('the detector is closed'))
      await ended
    },
  }
}

class LeaderWatch {
  readonly #address: ZooKeeperAddress
  readonly #log: Log
  readonly #timeoutMs: number
  readonly #lookup: Lookup
  readonly #news: LeaderNews
  readonly #signal: AbortSignal
  #waits = this.#freshWaits()

  constructor (address: ZooKeeperAddress, deps: ZooKeeperDeps, news: LeaderNews, signal: AbortSignal) {
    const { log, sessionTimeoutMs = usualTimeoutMs, lookup = resolveHost } = deps
    this.#address = address
    this.#log = log
    this.#timeoutMs = sessionTimeoutMs
    this.#lookup = oneAtATime(lookup)
    this.#news = news
    this.#signal = signal
  }

  async run (): Promise<void> {
    using _news = this.#news
    const servers = shuffled(this.#address.servers)
    for (let at = 0; ; at = (at + 1) % servers.length) {
      await this.#followBy(servers[at]!).catch((error: unknown) => { this.#lose(error) })
      await delay(this.#waits.next().value, this.#signal)
    }
  }

  /** Reads and watches by one server until that is lost. */
  async #followBy (server: HostPort): Promise<never> {
    const session = await this.#open(server)
    try {
      for (;;) {
        const { changed } = await race(this.#look(session), this.#signal)
        this.#waits = this.#freshWaits()
        await race(changed, this.#signal)
      }
    } finally {
      await session.close()
    }
  }

  /** Tells who leads now. Kept is the promise when that may have changed. */
  async #look (session: Session): Promise<{ readonly changed: Promise<void> }> {
    const { path } = this.#address
    for (;;) {
      const children = await session.children(path)
      const node = children && leadingNode(children.value)
      const data = node && await session.data(`${path}/${node.name}`)
      if (data) this.#news.leads(node.name, () => readMasterNode(node, data))
      else if (node) continue      // it has gone in between
      else if (children) this.#news.none(noMaster(`the node ${path} in ZooKeeper names none`))
      if (children) return children

      const itself = await session.exists(path)
      if (itself.value) continue
      this.#news.none(noMaster(`ZooKeeper has no node ${path} yet`))
      return itself
    }
  }

  async #open ({ host, port }: HostPort): Promise<Session> {
    const connectMs = Math.max(shortestConnectMs, this.#timeoutMs / this.#address.servers.length)
    const ip = await this.#resolve(host, connectMs)
    return await openSession({ ip, port, name: `${host}:${port}`, connectMs, timeoutMs: this.#timeoutMs, digest: this.#address.digest }, this.#signal)
  }

  async #resolve (host: string, withinMs: number): Promise<string> {
    if (isIP(host) > 0) return host
    using deadline = startDeadline(this.#signal, withinMs, () => new Error('there was no answer in time'))
    try {
      return await race(this.#lookup(host), deadline.signal)
    } catch (error) {
      throw new AgentError('MASTER_NOT_FOUND', `the name ${host} of a ZooKeeper server cannot be resolved`, {}, error)
    }
  }

  #lose (error: unknown): void {
    if (this.#signal.aborted) return
    const problem = AgentError.wrap(error, 'ZooKeeper does not tell who leads', {}, 'MASTER_NOT_FOUND')
    this.#log.warn({ problem: chain(problem) }, 'the leading master is not known for now')
    this.#news.unknown(problem)
  }

  #freshWaits (): ReturnType<typeof backoff> { return backoff(firstWaitMs, usualTimeoutMs) }
}

function noMaster (why: string): AgentError {
  return new AgentError('MASTER_NOT_FOUND', `no master leads: ${why}`)
}

/** So that the agents of a cluster do not all come to the same server. */
function shuffled<T> (list: readonly T[]): T[] {
  return list.map(one => ({ one, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ one }) => one)
}
