import { quantities, type Quantities } from '../../model/resources.ts'
import type { v1 } from '../../wire/messages.ts'
import { quantityOf, valueOf } from '../wire-quantities.ts'

type Resource = v1.Resource

/** In the newer of Mesos's two forms, in which reservations are a stack; and of nobody's allocation. */
export function newerForm (resource: Resource): Resource {
  const { role = '*', reservation, allocation_info: _whose, ...rest } = resource
  if (role === '*' || (rest.reservations ?? []).length > 0) return rest
  return { ...rest, reservations: [{ type: reservation === undefined ? 'STATIC' : 'DYNAMIC', role, ...reservation }] }
}

/** Whose it is: the last reservation counts. */
export function roleOf ({ reservations = [] }: Resource): string {
  return reservations.at(-1)?.role ?? '*'
}

export function isPersistent ({ disk }: Resource): boolean {
  return disk?.persistence !== undefined
}

/** A master has made it what it is: the agent has to remember that. */
export function isMade (resource: Resource): boolean {
  return isPersistent(resource) || resource.reservations?.at(-1)?.type === 'DYNAMIC'
}

/** What it was made from: without its volume and its reservations of run time. */
export function asDeclared (resource: Resource): Resource {
  const { reservations = [], ...rest } = withoutVolume(resource)
  const kept = reservations.filter(({ type }) => type !== 'DYNAMIC')
  return kept.length === 0 ? rest : { ...rest, reservations: kept }
}

/** The disk that a persistent volume is on. */
export function withoutVolume (resource: Resource): Resource {
  const { disk, shared: _asVolume, ...rest } = resource
  if (disk === undefined || !isPersistent(resource)) return resource
  return disk.source === undefined ? rest : { ...rest, disk: { source: disk.source } }
}

/** Amounts by what they are: what differs in more than its amount is another resource. */
export function byKind (resources: readonly Resource[]): Quantities {
  return quantities(resources.map(resource => [kindOf(resource), quantityOf(resource)]))
}

/** The samples say how a kind is told: more than makes it that kind. */
export function fromKinds (all: Quantities, samples: readonly Resource[]): Resource[] {
  const told = new Map(samples.map(sample => [kindOf(sample), newerForm(sample)]))
  return [...all].map(([kind, quantity]) => {
    const { type: _1, scalar: _2, ranges: _3, set: _4, ...sample } = told.get(kind) ?? JSON.parse(kind) as Resource
    return { ...sample, ...valueOf(quantity) }
  })
}

/** As in Mesos: a volume is known by its id; where it is to be mounted, and who made it, are not part of what it is. */
function kindOf (resource: Resource): string {
  const { type: _1, scalar: _2, ranges: _3, set: _4, disk, ...kind } = newerForm(resource)
  const { persistence, source } = disk ?? {}
  return JSON.stringify(inOrder({ ...kind, disk: disk && { source, persistence: persistence && { id: persistence.id } } }))
}

/** The same text whatever order its fields came in. */
function inOrder (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  const told = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(told.sort(([a], [b]) => a < b ? -1 : 1).map(([key, one]) => [key, inOrder(one)]))
}
