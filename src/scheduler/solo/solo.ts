import type { Log } from '../../base/log.ts'
import type { AgentTasks } from '../../agent/port.ts'
import type { Allocator } from './allocator.ts'
import type { Framework } from './framework.ts'
import type { KeptFrameworks } from './kept-frameworks.ts'
import type { Ledger } from './ledger.ts'

export interface SoloSettings {
  /** An offer that is older is rescinded when another framework waits. */
  readonly offerTimeoutMs: number
  readonly heartbeatMs: number
  /** How long freed resources are gathered before they are offered. */
  readonly gatherMs: number
  /** More than these are not let in. */
  readonly maxFrameworks: number
  /** A subscriber that leaves more than this unread is cut off. */
  readonly maxBufferedBytes: number
}

export const defaultSettings: SoloSettings = {
  offerTimeoutMs: 5000,
  heartbeatMs: 15_000,
  gatherMs: 20,
  maxFrameworks: 1000,
  maxBufferedBytes: 16 * 1024 * 1024,
}

/** What the parts of the master share. */
export interface Solo {
  readonly masterId: string
  readonly hostname: string
  /** Where the door listens; known once it does. */
  readonly address: () => { ip: string, port: number }
  readonly agent: () => AgentTasks
  readonly settings: SoloSettings
  readonly log: Log
  readonly ledger: Ledger
  readonly frameworks: Map<string, Framework>
  readonly allocator: Allocator
  readonly kept: KeptFrameworks
}

/** The one agent there is. */
export function agentIdOf (solo: Solo): string {
  return solo.agent().agentInfo.id?.value ?? `${solo.masterId}-S0`
}
