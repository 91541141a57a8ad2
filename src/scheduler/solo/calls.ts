import { accept, decline } from './accept.ts'
import { revive, suppress } from './interest.ts'
import { kill } from './kill.ts'
import { teardown } from './membership.ts'
import { reconcile } from './reconcile.ts'
import { acknowledge } from './updates.ts'
import type { Framework } from './framework.ts'
import type { Solo } from './solo.ts'
import type { scheduler } from '../../wire/messages.ts'

export type Act = (solo: Solo, framework: Framework, call: scheduler.Call) => void

/** What each call does, after it was answered with 202. SUBSCRIBE is answered otherwise; what is not here is 501. */
export const acts: Partial<Record<scheduler.Call_Type, Act>> = {
  ACCEPT: accept,
  ACKNOWLEDGE: acknowledge,
  DECLINE: decline,
  KILL: kill,
  RECONCILE: reconcile,
  // A wish for resources; all that is free is offered anyway.
  REQUEST: () => {},
  REVIVE: revive,
  SUPPRESS: suppress,
  TEARDOWN: teardown,
}
