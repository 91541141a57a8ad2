import { AgentError } from './errors.ts'
import { containsRanges, normalRanges, subtractRanges, type Range } from './ranges.ts'

/** An amount of one resource. Scalars count thousandths: three decimals are significant, and sums stay exact. */
export type Quantity =
  | { readonly kind: 'scalar', readonly thousandths: number }
  | { readonly kind: 'ranges', readonly ranges: readonly Range[] }
  | { readonly kind: 'set', readonly items: readonly string[] }

/** Amounts by name, in the order in which they were told. Nothing in it is empty or negative. */
export type Quantities = ReadonlyMap<string, Quantity>

export const none: Quantities = new Map()

export function scalar (value: number): Quantity {
  const thousandths = Math.round(value * 1000)
  if (!Number.isSafeInteger(thousandths) || thousandths < 0) throw new AgentError('SPEC_INVALID', `${String(value)} is no amount`)
  return { kind: 'scalar', thousandths }
}

export function ranges (list: readonly Range[]): Quantity {
  return { kind: 'ranges', ranges: normalRanges(list) }
}

export function set (items: readonly string[]): Quantity {
  return { kind: 'set', items: [...new Set(items)] }
}

/** The same name told twice adds up. */
export function quantities (entries: Iterable<readonly [string, Quantity]>): Quantities {
  let all = none
  for (const [name, quantity] of entries) all = add(all, new Map([[name, quantity]]))
  return all
}

export function isEmpty (all: Quantities): boolean {
  return all.size === 0
}

/** A scalar's amount, 0 where there is none. */
export function amountOf (all: Quantities, name: string): number {
  const quantity = all.get(name)
  return quantity?.kind === 'scalar' ? quantity.thousandths / 1000 : 0
}

export function contains (whole: Quantities, part: Quantities): boolean {
  return [...part].every(([name, quantity]) => {
    const have = whole.get(name)
    return have !== undefined && containsQuantity(have, quantity)
  })
}

export function add (a: Quantities, b: Quantities): Quantities {
  const sum = new Map(a)
  for (const [name, quantity] of b) {
    const have = sum.get(name)
    const total = have === undefined ? quantity : addQuantity(have, quantity, name)
    if (!isNothing(total)) sum.set(name, total)
  }
  return sum
}

/** `whole` without `part`, which it must contain. */
export function subtract (whole: Quantities, part: Quantities): Quantities {
  if (!contains(whole, part)) throw new AgentError('INTERNAL', 'resources are taken that are not there')
  const rest = new Map(whole)
  for (const [name, quantity] of part) {
    const left = subtractQuantity(whole.get(name) ?? quantity, quantity)
    if (isNothing(left)) rest.delete(name)
    else rest.set(name, left)
  }
  return rest
}

/** As much of `part` as there is in `whole`. */
export function common (whole: Quantities, part: Quantities): Quantities {
  const both = new Map<string, Quantity>()
  for (const [name, quantity] of part) {
    const have = whole.get(name)
    const shared = have === undefined ? undefined : commonQuantity(have, quantity)
    if (shared !== undefined && !isNothing(shared)) both.set(name, shared)
  }
  return both
}

function isNothing (quantity: Quantity): boolean {
  if (quantity.kind === 'scalar') return quantity.thousandths === 0
  return (quantity.kind === 'ranges' ? quantity.ranges : quantity.items).length === 0
}

function containsQuantity (whole: Quantity, part: Quantity): boolean {
  if (whole.kind === 'scalar' && part.kind === 'scalar') return whole.thousandths >= part.thousandths
  if (whole.kind === 'ranges' && part.kind === 'ranges') return containsRanges(whole.ranges, part.ranges)
  return whole.kind === 'set' && part.kind === 'set' && part.items.every(item => whole.items.includes(item))
}

function commonQuantity (a: Quantity, b: Quantity): Quantity | undefined {
  if (a.kind === 'scalar' && b.kind === 'scalar') return { kind: 'scalar', thousandths: Math.min(a.thousandths, b.thousandths) }
  if (a.kind === 'ranges' && b.kind === 'ranges') return ranges(subtractRanges(a.ranges, subtractRanges(a.ranges, b.ranges)))
  return a.kind === 'set' && b.kind === 'set' ? set(a.items.filter(item => b.items.includes(item))) : undefined
}

function addQuantity (a: Quantity, b: Quantity, name: string): Quantity {
  if (a.kind === 'scalar' && b.kind === 'scalar') return { kind: 'scalar', thousandths: a.thousandths + b.thousandths }
  if (a.kind === 'ranges' && b.kind === 'ranges') return ranges([...a.ranges, ...b.ranges])
  if (a.kind === 'set' && b.kind === 'set') return set([...a.items, ...b.items])
  throw new AgentError('SPEC_INVALID', `resource '${name}' is told both as ${a.kind} and as ${b.kind}`)
}

function subtractQuantity (whole: Quantity, part: Quantity): Quantity {
  if (whole.kind === 'scalar' && part.kind === 'scalar') return { kind: 'scalar', thousandths: whole.thousandths - part.thousandths }
  if (whole.kind === 'ranges' && part.kind === 'ranges') return { kind: 'ranges', ranges: subtractRanges(whole.ranges, part.ranges) }
  const taken = part.kind === 'set' ? part.items : []
  return { kind: 'set', items: whole.kind === 'set' ? whole.items.filter(item => !taken.includes(item)) : [] }
}
