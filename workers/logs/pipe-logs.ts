import { openEngineStreams } from '../../src/engine/docker-streams.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import type { Input, PipedBytes } from '../../src/pool/jobs.ts'
import type { JobContext } from '../../src/pool/serve.ts'
import { carryFromLog } from './carry-from-log.ts'
import { carryLive } from './carry-live.ts'
import { carryTerminal } from './carry-terminal.ts'
import { markGap } from './carrier.ts'
import { SandboxLogs } from './sandbox-logs.ts'

/** The engine's log of a terminal's one stream has no frames to count by. */
const terminalBroke = 'the log pipe broke here: output may be missing'
/** How many such steps the engine's log is long, at least. */
const strides = 4

/** Says when it is attached, and copies until the container ends or the job is cancelled. */
export async function pipeLogs (input: Input<'pipe'>, context: JobContext<'pipe'>): Promise<PipedBytes> {
  const onRotated = (record: LogRecord): void => { context.progress({ kind: 'rotated', record }) }
  using logs = new SandboxLogs({ ...input, onRotated })
  const { id, socketPath, engineBegins = [], holdMs, isNew, terminal = false, isOver = false, engineLostAtMs: lostAtMs, unreadable } = input
  const carrier = { id, socketPath, engineBegins, holdMs, streams: openEngineStreams(input), logs, strideBytes: input.engineLogBytes / strides, context }
  const why = unreadable ?? (terminal && !isNew ? terminalBroke : undefined)
  if (logs.isComplete) return logs.written
  if (isOver && why !== undefined) {
    markGap(carrier, why)
    logs.complete()
  } else if (terminal) await carryTerminal(carrier, why)
  else if (isNew || why !== undefined) await carryLive(carrier, why)
  else await carryFromLog(carrier, { isOver, lostAtMs })
  return logs.written
}
