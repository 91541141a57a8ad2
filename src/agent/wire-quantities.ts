import { AgentError } from '../model/errors.ts'
import { ranges, scalar, set, type Quantity } from '../model/resources.ts'
import type { v1 } from '../wire/messages.ts'

/** How much a resource is, whoever it is for. Throws SPEC_INVALID on what makes no sense. */
export function quantityOf (resource: v1.Resource): Quantity {
  if (resource.type === 'SCALAR' && resource.scalar !== undefined) return scalar(resource.scalar.value)
  if (resource.type === 'RANGES' && resource.ranges !== undefined) return ranges((resource.ranges.range ?? []).map(rangeOf))
  if (resource.type === 'SET' && resource.set !== undefined) return set(resource.set.item ?? [])
  throw new AgentError('SPEC_INVALID', `Resource '${resource.name}' has no value of its type ${resource.type}`)
}

function rangeOf ({ begin, end }: v1.Value_Range): [number, number] {
  const range: [number, number] = [Number(begin), Number(end)]
  if (!range.every(Number.isSafeInteger) || range[0] > range[1]) {
    throw new AgentError('SPEC_INVALID', `${String(begin)}-${String(end)} is no range`)
  }
  return range
}

export function valueOf (quantity: Quantity): Omit<v1.Resource, 'name'> {
  if (quantity.kind === 'scalar') return { type: 'SCALAR', scalar: { value: quantity.thousandths / 1000 } }
  if (quantity.kind === 'set') return { type: 'SET', set: { item: [...quantity.items] } }
  return { type: 'RANGES', ranges: { range: quantity.ranges.map(([begin, end]) => ({ begin, end })) } }
}
