import { AgentError } from '../../model/errors.ts'
import type { ReadRange } from './read.ts'

/** The `path` of a request. SPEC_INVALID in Mesos's words where there is none. */
export function parsePath (query: unknown): string {
  const { path } = query as Readonly<Record<string, unknown>>
  if (typeof path === 'string' && path !== '') return path
  throw new AgentError('SPEC_INVALID', 'Expecting \'path=value\' in query.')
}

/** `offset` and `length` of a request, -1 where they are absent. SPEC_INVALID in Mesos's words. */
export function parseRange (query: unknown): ReadRange {
  const { offset = '-1', length = '-1' } = query as Readonly<Record<string, unknown>>
  return { offset: parseAmount('offset', offset), length: parseAmount('length', length) }
}

function parseAmount (name: string, written: unknown): bigint {
  const text = String(written)
  const isNumber = /^[+-]?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text.replace('+', ''))) === BigInt(text.replace('+', ''))
  if (!isNumber) throw new AgentError('SPEC_INVALID', `Failed to parse ${name}: Failed to convert '${text.slice(0, 100)}' to number.`)
  const amount = BigInt(text.replace('+', ''))
  if (amount < -1n) throw new AgentError('SPEC_INVALID', `Negative ${name} provided: ${amount}.`)
  return amount
}
