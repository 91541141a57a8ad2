import { AgentError } from '../model/errors.ts'

/** Names in a message are as long as its sender likes. */
const mostChars = 2000

/** A message that cannot be understood: `field` is the path of what is wrong in it. */
export function wireError (text: string, field: string): AgentError {
  return new AgentError('SPEC_INVALID', text.slice(0, mostChars), { field: field.slice(0, mostChars) })
}
