import type { v1 } from '../../wire/messages.ts'
import { rangesText } from './resource-summary.ts'

/** Attributes by name as /state tells them. */
export function attributeSummary (attributes: readonly v1.Attribute[]): Record<string, string | number> {
  return Object.fromEntries(attributes.map(({ name, text, scalar, ranges }) => {
    const list = (ranges?.range ?? []).map(({ begin, end }) => [Number(begin), Number(end)] as const)
    return [name, text?.value ?? scalar?.value ?? rangesText(list)]
  }))
}
