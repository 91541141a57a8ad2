import { delay } from '../../src/base/deadline.ts'
import type { ByteStream } from '../../src/engine/port.ts'
import { AgentError } from '../../src/model/errors.ts'
import { carry } from './carry.ts'
import { gather } from './gather.ts'
import { holdBack } from './hold-back.ts'
import { inOneRun } from './in-one-run.ts'
import { logEntries } from './log-entries.ts'
import { markGap, overdue, type Carrier } from './carrier.ts'
import type { SandboxLogs } from './sandbox-logs.ts'
import { readFrom, Seam, type SeamOptions } from './seam.ts'
import { StepWatch } from './step-watch.ts'

const settleMs = 2_000

/**
 * After a gap: the engine's log from the last known place on, less what the sandbox has, and then on with the log as it grows. An attach cannot be joined at
 * an exact point, so this one is read only to hold the container back when the log is not read fast enough.
 */
export async function carryFromLog (carrier: Carrier, { isOver, lostAtMs }: After): Promise<void> {
  const steps = new StepWatch()
  for (let after: After = { isOver, lostAtMs }; await carryOn(carrier, steps, after) === 'again'; after = { isOver, lostAtMs: undefined }) steps.restart()
}

/** What has been meanwhile: the container's end; or the engine's, as its streams say. */
export interface After { readonly isOver: boolean, readonly lostAtMs: number | undefined }

/** 'again': the log is to be read anew, from the last known place. */
async function carryOn (carrier: Carrier, steps: StepWatch, { isOver, lostAtMs }: After): Promise<'again' | 'ended'> {
  const { id, streams, logs, context } = carrier
  const written = gathered(logs)
  const stall = new AbortController()
  const again = new AbortController()
  using brake = holdBack(carrier, () => { stall.abort() })
  const { anchor, lastWrite } = { anchor: logs.anchor, lastWrite: logs.lastWrite() }
  const source = await settled(carrier, isOver, lostAtMs, () => streams.log(id, { since: readFrom(anchor, lastWrite), follow: true }, context.signal))
  const seam = openSeam(carrier, written, { anchor, lastWrite, isOver })
  const keep = (): void => {
    written.flush()
    logs.keep(seam.anchor)
  }
  stall.signal.addEventListener('abort', () => { source.destroy() })
  context.progress({ kind: 'attached' })
  let passed = 0
  const parse = logEntries(entry => {
    if (!again.signal.aborted && steps.isStep(entry)) again.abort()
    if (again.signal.aborted) return
    if (entry.time >= brake.since) passed += entry.bytes.length
    seam.add(entry)
  })
  try {
    await carry(source, 'logs', context.signal, chunk => {
      const trouble = troubleOf(() => { parse(chunk) })
      keep()
      if (trouble !== undefined) throw AgentError.wrap(trouble, trouble.message, { stdout: logs.position(1), stderr: logs.position(2) })
      brake.passed(passed)
      passed = 0
      if (again.signal.aborted) source.destroy()
    })
  } catch (error) {
    if (again.signal.aborted && !context.signal.aborted) return 'again'
    if (stall.signal.aborted) throw overdue(carrier.holdMs)
    throw error
  }
  if (again.signal.aborted) return 'again'
  seam.end()
  keep()
  if (isOver) logs.complete()
  return 'ended'
}

/** What a new engine finds in the pipes of containers that have ended, it logs by and by: the last reading waits for that. */
async function settled (carrier: Carrier, isOver: boolean, lostAtMs: number | undefined, open: () => Promise<ByteStream>): Promise<ByteStream> {
  const { logs, context: { signal } } = carrier
  const source = await inOneRun(carrier, open, lostAtMs)
  if (!isOver || logs.engine === undefined || logs.engine.losses.length === 0) return source
  source.destroy()
  await delay(settleMs, signal)
  return await inOneRun(carrier, open)
}

/** What the engine says of its own log; what it gave before is good. */
function troubleOf (parse: () => void): AgentError | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    if (error instanceof AgentError && error.code === 'ENGINE_LOG_DAMAGED') return error
    throw error
  }
}

function openSeam (carrier: Carrier, { write, flush }: Gathered, known: Pick<SeamOptions, 'anchor' | 'lastWrite' | 'isOver'>): Seam {
  const { logs, strideBytes } = carrier
  return new Seam({
    ...known, strideBytes, write, losses: logs.engine?.losses ?? [],
    have: { 1: logs.position(1), 2: logs.position(2) },
    tail: (stream, bytes) => logs.tail(stream, bytes),
    gap: (why, after) => {
      flush()
      markGap(carrier, why, after)
    },
  })
}

interface Gathered { readonly write: SeamOptions['write'], flush (): void }

/** Many entries are one write. */
function gathered (logs: SandboxLogs): Gathered {
  const both = { 1: gather(), 2: gather() }
  return {
    write: (stream, bytes, from) => { both[stream].add(bytes, from, bytes.length) },
    flush () { for (const stream of [1, 2] as const) both[stream].flush(bytes => { logs.append(stream, bytes) }) },
  }
}
