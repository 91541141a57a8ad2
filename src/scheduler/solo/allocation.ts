import { amountOf, contains, type Quantities } from '../../model/resources.ts'

/** What a framework did not want, and until when it does not want to see it again. */
export interface Filter {
  readonly role: string
  readonly refused: Quantities
  readonly untilMs: number
}

/** What decides whether a framework is offered something. */
export interface Candidate {
  readonly roles: readonly string[]
  readonly suppressed: ReadonlySet<string>
  readonly filters: readonly Filter[]
  readonly lastTurn: number
}

export interface Choice<C extends Candidate> { readonly taker: C, readonly role: string }

/** Less than this is no use to anybody. */
const leastCpus = 0.01
const leastMemMb = 32

const defaultRefuseMs = 5000
const yearMs = 365 * 24 * 60 * 60 * 1000
const maxFilters = 100

export function isWorthOffering (resources: Quantities): boolean {
  return amountOf(resources, 'cpus') >= leastCpus || amountOf(resources, 'mem') >= leastMemMb
}

/** The role for which it would take these resources, or undefined. */
export function wantedFor ({ roles, suppressed, filters }: Candidate, resources: Quantities, nowMs: number): string | undefined {
  return roles.find(role => !suppressed.has(role) &&
    !filters.some(filter => filter.role === role && filter.untilMs > nowMs && contains(filter.refused, resources)))
}

/** Whose turn it is: of those who would take the resources, the one who has waited longest. */
export function chooseTaker<C extends Candidate> (candidates: Iterable<C>, resources: Quantities, nowMs: number): Choice<C> | undefined {
  let chosen: Choice<C> | undefined
  for (const taker of candidates) {
    if (chosen !== undefined && chosen.taker.lastTurn <= taker.lastTurn) continue
    const role = wantedFor(taker, resources, nowMs)
    if (role !== undefined) chosen = { taker, role }
  }
  return chosen
}

/** `refuse_seconds` in milliseconds: 5 s unless told, at most a year. */
export function refuseMs (refuseSeconds: number | undefined): number {
  if (refuseSeconds === undefined || Number.isNaN(refuseSeconds) || refuseSeconds < 0) return defaultRefuseMs
  return Math.min(refuseSeconds * 1000, yearMs)
}

/** Adds a filter; those that are over or that say no more than the new one go. */
export function withFilter (filters: readonly Filter[], added: Filter, nowMs: number): Filter[] {
  const kept = filters.filter(old => old.untilMs > nowMs &&
    !(old.role === added.role && old.untilMs <= added.untilMs && contains(added.refused, old.refused)))
  return [...kept, added].slice(-maxFilters)
}

/** When the first of these filters ends. */
export function nextFilterEndMs (filters: Iterable<Filter>, nowMs: number): number | undefined {
  let next: number | undefined
  for (const { untilMs } of filters) if (untilMs > nowMs && (next === undefined || untilMs < next)) next = untilMs
  return next
}
