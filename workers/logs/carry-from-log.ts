import { AgentError } from '../../src/model/errors.ts'
import { carry } from './carry.ts'
import { gather } from './gather.ts'
import { holdBack } from './hold-back.ts'
import { inOneRun } from './in-one-run.ts'
import { logEntries } from './log-entries.ts'
import { overdue, type Carrier } from './carrier.ts'
import { readFrom, Seam, type KnownAfterGap } from './seam.ts'
import { StepWatch } from './step-watch.ts'

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
  const { id, streams, logs, strideBytes, context } = carrier
  const gathered = { 1: gather(), 2: gather() }
  const flush = (): void => { for (const stream of [1, 2] as const) gathered[stream].flush(bytes => { logs.append(stream, bytes) }) }
  const gap = (why: string, known?: KnownAfterGap): void => {
    flush()
    logs.mark(why, known && { anchor: known.anchor, engine: { id: logs.engine?.id ?? '', losses: known.losses } })
    context.progress({ kind: 'gap', lostBytes: 0 })
  }
  const stall = new AbortController()
  const again = new AbortController()
  using brake = holdBack(carrier, () => { stall.abort() })
  const { anchor, lastWrite } = { anchor: logs.anchor, lastWrite: logs.lastWrite() }
  const source = await inOneRun(carrier, () => streams.log(id, { since: readFrom(anchor, lastWrite), follow: true }, context.signal), lostAtMs)
  const seam = new Seam({
    anchor, lastWrite, isOver, strideBytes, gap, losses: logs.engine?.losses ?? [],
    have: { 1: logs.position(1), 2: logs.position(2) },
    tail: (stream, bytes) => logs.tail(stream, bytes),
    write: (stream, bytes, from) => { gathered[stream].add(bytes, from, bytes.length) },
  })
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
      parse(chunk)
      flush()
      logs.keep(seam.anchor)
      brake.passed(passed)
      passed = 0
      if (again.signal.aborted) source.destroy()
    })
  } catch (error) {
    if (again.signal.aborted && !context.signal.aborted) return 'again'
    if (stall.signal.aborted) throw overdue(carrier.holdMs)
    if (context.signal.aborted && AgentError.from(context.signal.reason).detail['hasEnded'] === true) gap('the engine did not give the rest in time')
    throw error
  }
  if (again.signal.aborted) return 'again'
  seam.end()
  flush()
  logs.keep(seam.anchor)
  return 'ended'
}
