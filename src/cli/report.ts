import { AgentError, chain } from '../model/errors.ts'
import { printable } from './terminal.ts'

/** What a person reads about a failure: the whole story, what could be done about it, nothing of our insides. */
export function explain (error: unknown): string {
  const { code, help } = AgentError.from(error)
  return `slipway: ${printable(chain(error))}\n  ${code}: ${help}\n`
}

/** Fault on the command line itself: ends with the exit code for usage. */
export class UsageError extends Error {}
