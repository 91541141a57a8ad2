import { backoff } from '../base/backoff.ts'
import { delay, race, settlesWithin, startDeadline } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine, EngineNetwork } from '../engine/port.ts'
import { labels, type ContainerSpec } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import type { Lanes } from './lanes.ts'
import { destroyPriority } from './removal.ts'

export interface NetworksDeps {
  readonly engine: Engine
  readonly lanes: Lanes
  readonly log: Log
  /** Ours are the networks with this in their label `slipway.agent`. */
  readonly instanceId: string
  /** For one step, so that whoever waits for its network does not wait for ever. */
  readonly callMs: number
  readonly sweepMs: number
  /** Nothing is waited for any more. */
  readonly closing: AbortSignal
}

/** A network that is ours: who needs it, and the end of what is being done about it. */
interface Entry {
  readonly name: string
  readonly holders: Set<string>
  turn: Promise<unknown>
  isLeaving: boolean
}

/** The networks that are made for tasks: there while a container needs them, made once, and removed after the last one. */
export class Networks {
  readonly #deps: NetworksDeps
  readonly #entries = new Map<string, Entry>()

  constructor (deps: NetworksDeps) { this.#deps = deps }

  /** Where the container is to be, in the engine's words; its own network is there then. Throws NETWORK_NOT_FOUND. */
  async join (spec: ContainerSpec, signal: AbortSignal): Promise<Pick<ContainerSpec, 'endpoint'>> {
    const { userNetwork, join } = spec
    if (userNetwork === undefined || join === undefined) return {}
    const { own, isShared, alias } = join
    if (isShared && await this.#isThere(userNetwork, signal)) return { endpoint: { network: userNetwork, aliases: alias ? [alias.qualified] : [] } }
    if (own === undefined) throw new AgentError('NETWORK_NOT_FOUND', `container.network_infos[0].name: the engine has no network ${userNetwork} for tasks`)
    const entry = this.#entry(own)
    await race(this.#inTurn(entry, () => this.#make(entry, spec)), signal)
    return { endpoint: { network: own, aliases: alias ? [alias.plain, alias.qualified] : [] } }
  }

  /** The container needs its network from now on until it leaves. */
  hold ({ containerId, join }: ContainerSpec): void {
    if (join?.own !== undefined) this.#entry(join.own).holders.add(containerId)
  }

  /** The container is gone for good; so is a network that nobody else needs, soon. Again is harmless. */
  leave ({ containerId, join }: ContainerSpec): void {
    const entry = this.#entries.get(join?.own ?? '')
    if (entry?.holders.delete(containerId) === true) this.#removeUnheld(entry)
  }

  /** Removes what nobody needs now and then: leftovers of an earlier run, and what the engine made after it was given up. */
  async watch (): Promise<void> {
    const { closing, log, sweepMs } = this.#deps
    while (!closing.aborted) {
      await this.sweep().catch((error: unknown) => { if (!closing.aborted) log.debug({ error }, 'networks could not be listed') })
      await delay(sweepMs, closing).catch(() => {})
    }
  }

  async sweep (): Promise<void> {
    const { engine, instanceId, closing } = this.#deps
    const found = await this.#bounded('list of networks', closing, signal => engine.listNetworks(`${labels.agent}=${instanceId}`, signal))
    for (const { name } of found) {
      const entry = this.#entry(name)
      if (entry.holders.size === 0) this.#removeUnheld(entry)
    }
  }

  /** Whether all that nobody needs is gone within this time. */
  settles (ms: number): Promise<boolean> {
    return settlesWithin(Promise.all([...this.#entries.values()].map(({ turn }) => turn)), ms)
  }

  #entry (name: string): Entry {
    const known = this.#entries.get(name)
    const entry = known ?? { name, holders: new Set(), turn: Promise.resolve(), isLeaving: false }
    if (known === undefined) this.#entries.set(name, entry)
    return entry
  }

  /** One after the other: a network is not made while it is being removed. */
  #inTurn<T> (entry: Entry, step: () => Promise<T>): Promise<T> {
    const mine = entry.turn.then(step)
    entry.turn = mine.catch(() => {})
    return mine
  }

  /** A network of somebody's for tasks: none that an agent has made for one framework. */
  async #isThere (name: string, signal: AbortSignal): Promise<boolean> {
    const found = await this.#bounded(`network ${name}`, signal, callSignal => this.#deps.engine.findNetwork(name, callSignal))
    return found !== undefined && found.labels[labels.agent] === undefined
  }

  async #make ({ name, holders }: Entry, spec: ContainerSpec): Promise<void> {
    const { engine, instanceId, closing, log } = this.#deps
    if (!holders.has(spec.containerId)) throw new AgentError('CANCELLED', 'its container has gone')
    await this.#bounded(`network ${name}`, closing, async signal => {
      if (this.#isOurs(await engine.findNetwork(name, signal))) return
      const about = { [labels.agent]: instanceId, [labels.framework]: spec.labels[labels.framework] ?? '', [labels.network]: spec.userNetwork ?? '' }
      await engine.createNetwork({ name, labels: about }, signal).catch(async (cause: unknown) => {
        // Somebody else was faster: an earlier try of ours that was given up.
        if (!this.#isOurs(await engine.findNetwork(name, signal))) throw AgentError.wrap(cause, `network ${name} cannot be made`)
      })
      log.info({ network: name }, 'a network was made')
    })
  }

  #isOurs (network: EngineNetwork | undefined): boolean {
    return network?.labels[labels.agent] === this.#deps.instanceId
  }

  #removeUnheld (entry: Entry): void {
    if (entry.isLeaving) return
    entry.isLeaving = true
    const { log, closing } = this.#deps
    this.#inTurn(entry, () => this.#removeUntilGone(entry))
      .catch((error: unknown) => { if (!closing.aborted) log.warn({ network: entry.name, error }, 'a network could not be removed; the sweep will try again') })
      .finally(() => {
        entry.isLeaving = false
        if (entry.holders.size === 0 && this.#entries.get(entry.name) === entry) this.#entries.delete(entry.name)
      })
  }

  /** A few tries at most; whoever needs the network in the meantime ends them. */
  async #removeUntilGone (entry: Entry): Promise<void> {
    const { closing } = this.#deps
    let triesLeft = 4
    for (const waitMs of backoff(100, 1_000)) {
      if (entry.holders.size > 0) return
      try {
        await this.#remove(entry.name)
        return
      } catch (error) {
        if (closing.aborted || --triesLeft === 0) throw error
      }
      await delay(waitMs, closing)
    }
  }

  /** One that containers are still on stays, and is the sweep's. */
  async #remove (name: string): Promise<void> {
    const { engine, lanes, closing, log } = this.#deps
    await this.#bounded(`removal of network ${name}`, closing, bound => lanes.run({ stage: 'remove', priority: destroyPriority }, async signal => {
      const found = await engine.findNetwork(name, signal)
      if (found === undefined || !this.#isOurs(found)) return
      const isGone = await engine.removeNetwork(found.id, signal)
      log.info({ network: name, isGone }, isGone ? 'a network was removed' : 'a network that nobody needs has containers on it')
    }, bound))
  }

  async #bounded<T> (what: string, parent: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { callMs } = this.#deps
    using deadline = startDeadline(parent, callMs, () => new AgentError('STAGE_TIMEOUT', `${what}: no answer for ${callMs / 1000} s`))
    return await race(work(deadline.signal), deadline.signal)
  }
}
