import { accept, decline } from './accept.ts'
import { dropped, reconcileOperations } from './dropped.ts'
import { revive, suppress } from './interest.ts'
import { sendMessage, shutdownExecutor } from './executors.ts'
import { kill } from './kill.ts'
import { teardown } from './membership.ts'
import { reconcile } from './reconcile.ts'
import { acknowledge } from './updates.ts'
import type { Framework } from './framework.ts'
import type { Solo } from './solo.ts'
import type { scheduler } from '../../wire/messages.ts'

export type Act = (solo: Solo, framework: Framework, call: scheduler.Call) => Promise<void> | undefined | void

/** SUBSCRIBE and UPDATE_FRAMEWORK are answered otherwise, UNKNOWN is refused. */
export type ActingType = Exclude<scheduler.Call_Type, 'SUBSCRIBE' | 'UPDATE_FRAMEWORK' | 'UNKNOWN'>

const noMaintenance = 'no inverse offers are made'

/** What each call does, after it was answered with 202. */
export const acts: Readonly<Record<ActingType, Act>> = {
  ACCEPT: accept,
  ACCEPT_INVERSE_OFFERS: dropped(noMaintenance),
  ACKNOWLEDGE: acknowledge,
  ACKNOWLEDGE_OPERATION_STATUS: dropped('no status of an operation wants to be acknowledged'),
  DECLINE: decline,
  DECLINE_INVERSE_OFFERS: dropped(noMaintenance),
  KILL: kill,
  MESSAGE: sendMessage,
  RECONCILE: reconcile,
  RECONCILE_OPERATIONS: reconcileOperations,
  REQUEST: dropped('all that is free is offered anyway'),
  REVIVE: revive,
  SHUTDOWN: shutdownExecutor,
  SUPPRESS: suppress,
  TEARDOWN: teardown,
}
