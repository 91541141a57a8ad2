import { AgentError } from '../../src/model/errors.ts'
import { carry } from './carry.ts'
import { gather } from './gather.ts'
import { holdBack } from './hold-back.ts'
import { logEntries, timeText } from './log-entries.ts'
import { overdue, type Carrier } from './carrier.ts'
import { Seam } from './seam.ts'
import { StepWatch } from './step-watch.ts'

/**
 * After a gap: the engine's log from the last known place on, less what the sandbox has, and then on with the log as it grows. An attach cannot be joined at
 * an exact point, so this one is read only to hold the container back when the log is not read fast enough.
 */
export async function carryFromLog (carrier: Carrier, engineLostAtMs: number | undefined): Promise<void> {
  const steps = new StepWatch()
  let lostAtMs = engineLostAtMs
  while (await carryOn(carrier, steps, lostAtMs) === 'again') {
    steps.restart()
    lostAtMs = undefined
  }
}

/** 'again': the log is to be read anew, from the last known place. */
async function carryOn (carrier: Carrier, steps: StepWatch, engineLostAtMs: number | undefined): Promise<'again' | 'ended'> {
  const { id, streams, logs, strideBytes, context } = carrier
  const gathered = { 1: gather(), 2: gather() }
  const flush = (): void => { for (const stream of [1, 2] as const) gathered[stream].flush(bytes => { logs.append(stream, bytes) }) }
  const gap = (why: string): void => {
    flush()
    logs.mark(why)
    context.progress({ kind: 'gap', lostBytes: 0 })
  }
  const seam = new Seam({
    anchor: logs.anchor, have: { 1: logs.position(1), 2: logs.position(2) }, lastWrite: logs.lastWrite(),
    engineLostAt: engineLostAtMs === undefined ? undefined : timeText(engineLostAtMs),
    strideBytes,
    write: (stream, bytes, from) => { gathered[stream].add(bytes, from, bytes.length) },
    gap,
  })
  const stall = new AbortController()
  const again = new AbortController()
  using brake = holdBack(carrier, () => { stall.abort() })
  const source = await streams.log(id, { since: seam.since, follow: true }, context.signal)
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
