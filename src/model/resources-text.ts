import { AgentError } from './errors.ts'
import type { Range } from './ranges.ts'
import { quantities, ranges, scalar, set, type Quantities, type Quantity } from './resources.ts'

/** Reads Mesos's text form, `cpus:4;mem:1024;ports:[31000-32000, 40000-40010];disks:{a,b}`. */
export function parseResources (text: string): Quantities {
  const parts = text.split(';').map(part => part.trim()).filter(part => part !== '')
  return quantities(parts.map(parseResource))
}

function parseResource (part: string): [string, Quantity] {
  const colon = part.indexOf(':')
  const name = part.slice(0, colon).trim()
  const value = part.slice(colon + 1).trim()
  if (colon < 1 || value === '') throw invalid(part, 'expected name:value')
  if (/[()]/.test(name)) throw new AgentError('SETTING_INVALID', `resource '${part}': reserved resources, name(role), are not supported`)
  if (!/^[\w.-]+$/.test(name)) throw invalid(part, `'${name}' is no name`)
  return [name, parseQuantity(value, part)]
}

function parseQuantity (value: string, part: string): Quantity {
  if (value.startsWith('[') && value.endsWith(']')) return ranges(items(value).map(item => parseRange(item, part)))
  if (value.startsWith('{') && value.endsWith('}')) return set(items(value))
  const isAmount = /^\d+(\.\d+)?$/.test(value) && Number.isSafeInteger(Math.round(Number(value) * 1000))
  if (!isAmount) throw invalid(part, `'${value}' is no amount`)
  return scalar(Number(value))
}

function items (bracketed: string): string[] {
  return bracketed.slice(1, -1).split(',').map(item => item.trim()).filter(item => item !== '')
}

function parseRange (item: string, part: string): Range {
  const found = /^(\d+)\s*-\s*(\d+)$/.exec(item)
  const begin = Number(found?.[1])
  const end = Number(found?.[2])
  if (found === null || begin > end || !Number.isSafeInteger(end)) throw invalid(part, `'${item}' is no range`)
  return [begin, end]
}

function invalid (part: string, why: string): AgentError {
  return new AgentError('SETTING_INVALID', `resource '${part}': ${why}; for example cpus:4;mem:1024;ports:[31000-32000]`)
}

/** As Mesos prints them in messages: `cpus(allocated: *):0.1; ports(allocated: *):[80-80]`; without a role, `cpus:0.1; ports:[80-80]`. */
export function printResources (all: Quantities, role?: string): string {
  const label = role === undefined ? '' : `(allocated: ${role})`
  return [...all].map(([name, quantity]) => `${name}${label}:${printQuantity(quantity)}`).join('; ')
}

function printQuantity (quantity: Quantity): string {
  if (quantity.kind === 'scalar') return String(quantity.thousandths / 1000)
  if (quantity.kind === 'set') return `{${quantity.items.join(', ')}}`
  return `[${quantity.ranges.map(([begin, end]) => `${String(begin)}-${String(end)}`).join(', ')}]`
}
