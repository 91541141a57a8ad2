import type { EngineStreams } from '../../src/engine/port.ts'
import { AgentError } from '../../src/model/errors.ts'
import type { JobContext } from '../../src/pool/serve.ts'
import type { SandboxLogs } from './sandbox-logs.ts'
import type { KnownAfterGap } from './seam.ts'

/** What it takes to carry a container's output into its sandbox. */
export interface Carrier {
  readonly id: string
  readonly socketPath: string
  readonly engineBegins: readonly number[]
  readonly streams: EngineStreams
  readonly logs: SandboxLogs
  /** By how much the engine's log may grow until a new place in it is to be known. */
  readonly strideBytes: number
  readonly holdMs: number
  readonly context: JobContext<'pipe'>
}

/** A line of ours in both files; without `known`, no place in the engine's log is known any more. */
export function markGap ({ logs, context }: Carrier, why: string, { anchor, losses }: KnownAfterGap = { anchor: undefined, losses: [] }): void {
  logs.mark(why, { anchor, engine: { ...logs.engine ?? { id: '' }, losses } })
  context.progress({ kind: 'gap', lostBytes: 0 })
}

/** The container waits for too long: better a gap that is filled later. */
export function overdue (holdMs: number): AgentError {
  return new AgentError('STAGE_STALLED', `the container waited for over ${holdMs / 1000} s until its output was written`)
}
