import { AgentError } from '../../model/errors.ts'
import { add, common, contains, none, subtract, type Quantities } from '../../model/resources.ts'

export interface OfferRecord {
  readonly id: string
  readonly frameworkId: string
  readonly role: string
  readonly resources: Quantities
  readonly sinceMs: number
}

/** Who has what. At all times free + offered + used = total: every move takes from one and puts into another. */
export class Ledger {
  readonly total: Quantities
  readonly offers = new Map<string, OfferRecord>()
  readonly #used = new Map<string, Quantities>()
  #free: Quantities

  constructor (total: Quantities) {
    this.total = total
    this.#free = total
  }

  get free (): Quantities { return this.#free }
  get used (): Quantities { return [...this.#used.values()].reduce(add, none) }
  get offered (): Quantities { return sum(this.offers.values()) }

  offeredTo (frameworkId: string): Quantities {
    return sum([...this.offers.values()].filter(offer => offer.frameworkId === frameworkId))
  }

  /** Puts all that is free into an offer. */
  offer (id: string, frameworkId: string, role: string): OfferRecord {
    const resources = this.#inOrder(this.#free)
    const offer = { id, frameworkId, role, resources, sinceMs: Date.now() }
    this.#free = none
    this.offers.set(id, offer)
    return offer
  }

  /** Ends an offer; what it held is free again. */
  withdraw (id: string): OfferRecord | undefined {
    const offer = this.offers.get(id)
    if (offer === undefined) return undefined
    this.offers.delete(id)
    this.#free = add(this.#free, offer.resources)
    return offer
  }

  /** Takes from what is free for a task, until `release`. */
  use (taskKey: string, resources: Quantities): void {
    if (this.#used.has(taskKey)) throw new AgentError('INTERNAL', `the task ${taskKey} has resources already`)
    this.#free = subtract(this.#free, resources)
    this.#used.set(taskKey, resources)
  }

  /** Takes for a task of an earlier run what there is of its resources; true when that is all of them: the host may have less to give than it had. */
  reuse (taskKey: string, resources: Quantities): boolean {
    const taken = common(this.#free, resources)
    this.use(taskKey, taken)
    return contains(taken, resources)
  }

  heldBy (taskKey: string): Quantities | undefined { return this.#used.get(taskKey) }

  /** The task holds these from now on; what is more than before must be free. False when it holds nothing. */
  resize (taskKey: string, resources: Quantities): boolean {
    const held = this.#used.get(taskKey)
    if (held === undefined) return false
    this.#free = subtract(add(this.#free, held), resources)
    this.#used.set(taskKey, resources)
    return true
  }

  /** False when the task held nothing: it was released before. */
  release (taskKey: string): boolean {
    const resources = this.#used.get(taskKey)
    if (resources === undefined) return false
    this.#used.delete(taskKey)
    this.#free = add(this.#free, resources)
    return true
  }

  /** Offers list resources in the order of the total, however they came back. */
  #inOrder (resources: Quantities): Quantities {
    const names = [...this.total.keys()].filter(name => resources.has(name))
    return new Map(names.flatMap(name => { const quantity = resources.get(name); return quantity === undefined ? [] : [[name, quantity]] }))
  }
}

function sum (offers: Iterable<OfferRecord>): Quantities {
  return [...offers].map(({ resources }) => resources).reduce(add, none)
}
