import { contains, isEmpty, type Quantities } from '../../model/resources.ts'
import { chooseTaker, isWorthOffering, nextFilterEndMs, wantedFor, withFilter, type Candidate } from './allocation.ts'
import { rolesOf, type Framework } from './framework.ts'
import { startLongTimer, type LongTimer } from './long-timer.ts'
import type { Ledger, OfferRecord } from './ledger.ts'
import type { SoloSettings } from './solo.ts'

export interface AllocatorDeps {
  readonly ledger: Ledger
  readonly frameworks: ReadonlyMap<string, Framework>
  readonly masterId: string
  readonly settings: SoloSettings
  readonly sendOffer: (framework: Framework, offer: OfferRecord) => void
}

/** Moves free resources into offers and back, and wakes up when time alone changes who gets what. */
export class Allocator {
  readonly #deps: AllocatorDeps
  #turn = 0
  #offers = 0
  #gathering: NodeJS.Timeout | undefined
  #wake: LongTimer | undefined
  #isClosed = false

  constructor (deps: AllocatorDeps) { this.#deps = deps }

  /** Offers what is free, whole, to the framework whose turn it is; takes overdue offers back for those who wait. */
  allocate (): void {
    if (this.#isClosed) return
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    for (let go = true; go;) {
      this.#offerFree()
      go = this.#rescindOverdue()
    }
    this.#sleep()
  }

  /** Soon: resources that come back one by one make one offer. */
  allocateSoon (): void {
    if (this.#isClosed) return
    this.#gathering ??= setTimeout(() => { this.allocate() }, this.#deps.settings.gatherMs)
  }

  /** Takes back every offer of a framework without a word to it. */
  withdrawAll (frameworkId: string): void {
    for (const offer of [...this.#deps.ledger.offers.values()]) {
      if (offer.frameworkId === frameworkId) this.#deps.ledger.withdraw(offer.id)
    }
  }

  /** What was offered for a role that the framework has no more. */
  rescindOtherRoles (framework: Framework, roles: readonly string[]): void {
    for (const offer of [...this.#deps.ledger.offers.values()]) {
      if (offer.frameworkId === framework.id && !roles.includes(offer.role)) this.#rescind(offer)
    }
  }

  /** Takes offers back, whoever holds them, until it is enough. */
  rescindUntil (isEnough: () => boolean): void {
    for (const offer of [...this.#deps.ledger.offers.values()]) {
      if (isEnough()) return
      this.#rescind(offer)
    }
  }

  /** The framework does not want to see these resources again for a while. */
  refuse (framework: Framework, role: string, refused: Quantities, ms: number): void {
    if (ms <= 0 || isEmpty(refused)) return
    const nowMs = Date.now()
    framework.filters = withFilter(framework.filters, { role, refused, untilMs: nowMs + ms }, nowMs)
  }

  close (): void {
    this.#isClosed = true
    clearTimeout(this.#gathering)
    this.#wake?.cancel()
  }

  #offerFree (): void {
    const { ledger, masterId, sendOffer } = this.#deps
    if (!isWorthOffering(ledger.free)) return
    const choice = chooseTaker(this.#candidates(), ledger.free, Date.now())
    if (choice === undefined) return
    const { framework } = choice.taker
    framework.lastTurn = ++this.#turn
    sendOffer(framework, ledger.offer(`${masterId}-O${String(this.#offers++)}`, framework.id, choice.role))
  }

  /** True when something was taken back that another one waits for. */
  #rescindOverdue (): boolean {
    const { ledger, frameworks, settings } = this.#deps
    const nowMs = Date.now()
    for (const offer of ledger.offers.values()) {
      if (nowMs < offer.sinceMs + settings.offerTimeoutMs || !this.#isWaitedFor(offer, nowMs)) continue
      this.#rescind(offer)
      const framework = frameworks.get(offer.frameworkId)
      // It had its turn: whoever waits comes before it.
      if (framework !== undefined) framework.lastTurn = ++this.#turn
      return true
    }
    return false
  }

  #rescind ({ id, frameworkId }: OfferRecord): void {
    const { ledger, frameworks } = this.#deps
    ledger.withdraw(id)
    frameworks.get(frameworkId)?.sink?.send({ type: 'RESCIND', rescind: { offer_id: { value: id } } })
  }

  /** By another one that would take it and does not hold as much already. */
  #isWaitedFor (offer: OfferRecord, nowMs: number): boolean {
    return [...this.#candidates()].some(candidate => candidate.framework.id !== offer.frameworkId &&
      !contains(this.#deps.ledger.offeredTo(candidate.framework.id), offer.resources) &&
      wantedFor(candidate, offer.resources, nowMs) !== undefined)
  }

  * #candidates (): Generator<Candidate & { framework: Framework }> {
    for (const framework of this.#deps.frameworks.values()) {
      const { info, sink, suppressed, filters, lastTurn } = framework
      if (sink !== undefined) yield { framework, roles: rolesOf(info), suppressed, filters, lastTurn }
    }
  }

  /** Until a filter ends or an offer becomes overdue, whichever is first. */
  #sleep (): void {
    const { ledger, settings } = this.#deps
    const nowMs = Date.now()
    this.#wake?.cancel()
    this.#wake = undefined
    const times = [...ledger.offers.values()].map(offer => offer.sinceMs + settings.offerTimeoutMs).filter(ms => ms > nowMs)
    const filterEndMs = nextFilterEndMs([...this.#candidates()].flatMap(({ filters }) => filters), nowMs)
    if (filterEndMs !== undefined) times.push(filterEndMs)
    if (times.length > 0) this.#wake = startLongTimer(Math.max(1, Math.min(...times) - nowMs), () => { this.allocate() })
  }
}
