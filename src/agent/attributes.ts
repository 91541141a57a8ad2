import { AgentError } from '../model/errors.ts'
import { parseResources } from '../model/resources-text.ts'
import type { v1 } from '../wire/messages.ts'

/** `rack:r1;level:3;slots:[1-4]` → what offers carry. A value that is no number, range or set is text, as in Mesos. */
export function parseAttributes (text: string): v1.Attribute[] {
  return text.split(';').filter(part => part.trim() !== '').map(part => {
    const colon = part.indexOf(':')
    if (colon < 1 || part.trim().endsWith(':')) throw new AgentError('SETTING_INVALID', `'${part}' is no attribute: expected name:value`)
    return attribute(part.slice(0, colon).trim(), part.slice(colon + 1).trim())
  })
}

function attribute (name: string, value: string): v1.Attribute {
  if (/^-?\d+(\.\d+)?$/.test(value)) return { name, type: 'SCALAR', scalar: { value: Number(value) } }
  if (value.startsWith('[')) {
    const quantity = parseResources(`${name}:${value}`).get(name)
    if (quantity?.kind === 'ranges') return { name, type: 'RANGES', ranges: { range: quantity.ranges.map(([begin, end]) => ({ begin, end })) } }
  }
  return { name, type: 'TEXT', text: { value } }
}
