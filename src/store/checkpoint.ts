import type { AgentError } from '../model/errors.ts'
import type { Family, Records } from './records.ts'

/** One record written, or taken away. */
export type Change = { [F in Family]: { readonly family: F, readonly key: string, readonly record: Records[F] | undefined } }[Family]

/** What is written down, so that the next run of the agent knows of it. */
export interface Checkpoint {
  /**
   * Durable when it resolves. All changes of one turn of the event loop are one transaction, and a later change is never durable before an earlier
   * one. Rejects DISK_FULL or CHECKPOINT_FAILED when it cannot be written now: it will be all the same as soon as that is possible, unless a later
   * change of the same record takes its place. SPEC_INVALID: a record that is too large; nothing of the call is taken.
   */
  commit (...changes: Change[]): Promise<void>
  /** Why nothing can be written; undefined when all is well. */
  readonly fault: AgentError | undefined
}

export type Snapshot = { readonly [F in Family]: ReadonlyMap<string, Records[F]> }

export function put<F extends Family> (family: F, key: string, record: Records[F]): Change {
  return { family, key, record } as Change
}

export function drop (family: Family, key: string): Change {
  return { family, key, record: undefined }
}

/** Keeps nothing: for those who have nothing to come back to. */
export const forgetful: Checkpoint = { commit: async () => {}, fault: undefined }
