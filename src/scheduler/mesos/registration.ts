import { backoff } from '../../base/backoff.ts'
import type { Log } from '../../base/log.ts'
import { chain, type AgentError } from '../../model/errors.ts'
import type { Leader } from '../../detection/detector.ts'
import type { MasterLink } from './master-link.ts'
import type { MesosMetrics } from './metrics.ts'
import { message } from './messages.ts'

export interface RegistrationOptions {
  readonly link: MasterLink
  /** Sends the message that registers, or registers again. */
  readonly ask: () => void
  /** What is to come before the first attempt with a master: a login. It bounds itself; what it throws is told, and tried again. */
  readonly prepare?: (leader: Leader) => Promise<void>
  readonly backoffMs: number
  readonly random?: () => number
  readonly metrics: MesosMetrics
  readonly log: Log
}

const maxBackoffMs = 60_000
/** Until a master has said how long it pings. */
const usualPingTimeoutMs = 75_000

type State = 'leaderless' | 'registering' | 'registered'

/** Registers with the master that leads, sees that it stays so, and registers again when it does not. */
export class Registration {
  readonly #options: RegistrationOptions
  #state: State = 'leaderless'
  #leader: Leader | undefined
  #isPrepared = false
  /** Whom we are logging in to. */
  #preparing: Leader | undefined
  #attempt: NodeJS.Timeout | undefined
  #silence: NodeJS.Timeout | undefined
  #pingTimeoutMs = usualPingTimeoutMs
  #round = 0
  #hasSucceeded = false

  constructor (options: RegistrationOptions) { this.#options = options }

  get isRegistered (): boolean { return this.#state === 'registered' }
  /** Some master has had us since we started. */
  get hasSucceeded (): boolean { return this.#hasSucceeded }
  get leader (): Leader | undefined { return this.#leader }

  /** Another master leads, or none. */
  turnTo (leader: Leader | undefined, problem?: AgentError): void {
    const { link, log } = this.#options
    this.#stop()
    this.#leader = leader
    this.#isPrepared = false
    link.turnTo(leader)
    if (leader === undefined) {
      this.#become('leaderless')
      log.warn({ ...(problem !== undefined && { error: chain(problem) }) }, 'no master leads; waiting for one')
      return
    }
    log.info({ master: leader.pid }, 'a master leads')
    this.#begin()
  }

  /** The master has answered, and what it said is being dealt with: it is not asked until `succeeded`, or `again`. */
  answered (): void { clearTimeout(this.#attempt) }

  /** The master has taken us in. Its pings are expected from now on. */
  succeeded (pingTimeoutSeconds: number | undefined): void {
    clearTimeout(this.#attempt)
    this.#hasSucceeded = true
    this.#become('registered')
    if (pingTimeoutSeconds !== undefined && pingTimeoutSeconds > 0) this.#pingTimeoutMs = Math.min(pingTimeoutSeconds * 1000, 2 ** 31 - 1)
    this.#watch()
  }

  /** A master that takes us for disconnected is asked anew. */
  pinged (isConnected: boolean, from: string): void {
    this.#options.link.send(message('internal.PongSlaveMessage', {}), from)
    if (this.#state !== 'registered') return
    if (isConnected) this.#watch()
    else this.again('the master takes this agent for disconnected')
  }

  /** The connection to the master has ended: who comes to be there next knows nothing of us. Attempts that are under way go on, with their waits. */
  lost (): void {
    this.#isPrepared = false
    this.again('the connection to it has ended')
  }

  /** Of one that is registered. Loses nothing: the tasks go on, and what is to be told waits. */
  again (why: string): void {
    if (this.#state !== 'registered') return
    this.#options.log.warn({ master: this.#leader?.pid, why }, 'the agent registers with its master again')
    this.#begin()
  }

  /** What the master has answered came to nothing. */
  retry (): void {
    if (this.#state === 'registering') this.#begin()
  }

  close (): void {
    this.#stop()
    this.#become('leaderless')
    this.#leader = undefined
  }

  /** The first attempt comes at random, so that agents of a whole cluster do not all come at once. */
  #begin (): void {
    const { backoffMs, random = Math.random } = this.#options
    this.#stop()
    this.#isPrepared = false
    this.#become('registering')
    const waits = backoff(backoffMs, maxBackoffMs, random)
    const round = ++this.#round
    const next = (ms: number): void => {
      this.#attempt = setTimeout(() => {
        next(waits.next().value)
        void this.#try(round)
      }, ms)
    }
    next(random() * backoffMs)
  }

  async #try (round: number): Promise<void> {
    const { prepare, ask, log } = this.#options
    const leader = this.#leader
    if (leader === undefined || leader === this.#preparing) return
    this.#preparing = leader
    try {
      if (prepare !== undefined && !this.#isPrepared) await prepare(leader)
    } catch (error) {
      log.warn({ master: leader.pid, error: chain(error) }, 'the agent could not log in to its master; it tries again')
      return
    } finally {
      if (this.#preparing === leader) this.#preparing = undefined
    }
    if (round !== this.#round || this.#state !== 'registering') return
    this.#isPrepared = true
    ask()
  }

  /** A link can be up and nobody at its other end: pings that stay away are the proof. */
  #watch (): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => {
      this.#options.link.hangUp()
      this.again(`no ping for ${this.#pingTimeoutMs} ms`)
    }, this.#pingTimeoutMs)
  }

  #stop (): void {
    this.#round++
    clearTimeout(this.#attempt)
    clearTimeout(this.#silence)
  }

  #become (state: State): void {
    this.#state = state
    this.#options.metrics.registered.set(state === 'registered' ? 1 : 0)
  }
}
