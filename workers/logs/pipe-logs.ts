import { openEngineStreams } from '../../src/engine/docker-streams.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import type { Input, PipedBytes } from '../../src/pool/jobs.ts'
import type { JobContext } from '../../src/pool/serve.ts'
import { carryFromLog } from './carry-from-log.ts'
import { carryLive } from './carry-live.ts'
import { carryTerminal } from './carry-terminal.ts'
import { markGap } from './carrier.ts'
import { SandboxLogs } from './sandbox-logs.ts'

/** How many such steps the engine's log is long, at least. */
const strides = 4

/** Says when it is attached, and copies until the container ends or the job is cancelled. */
export async function pipeLogs (input: Input<'pipe'>, context: JobContext<'pipe'>): Promise<PipedBytes> {
  const onRotated = (record: LogRecord): void => { context.progress({ kind: 'rotated', record }) }
  using logs = new SandboxLogs({ ...input, onRotated })
  const { id, socketPath, holdMs, isNew, isOver = false, engineLostAtMs: lostAtMs, unreadable } = input
  const carrier = { id, socketPath, holdMs, streams: openEngineStreams(input), logs, strideBytes: input.engineLogBytes / strides, context }
  if (isOver && unreadable !== undefined) markGap(carrier, unreadable)
  else if (input.terminal === true) await carryTerminal(carrier, isNew)
  else if (isNew || unreadable !== undefined) await carryLive(carrier, unreadable)
  else if (!logs.isWhole) await carryFromLog(carrier, { isOver, lostAtMs })
  return logs.written
}
