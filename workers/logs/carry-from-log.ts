import { Brake } from './brake.ts'
import { carry } from './carry.ts'
import { gather } from './gather.ts'
import { logEntries, timeText } from './log-entries.ts'
import type { Carrier } from './pipe-logs.ts'
import { Seam } from './seam.ts'

const maxWindowBytes = 2 << 20

/**
 * After a gap: the engine's log from the last known place on, less what the sandbox has, and then on with the log as it grows. An attach cannot be joined at
 * an exact point, so this one is read only to hold the container back when the log is not read fast enough.
 */
export async function carryFromLog (carrier: Carrier, engineLostAtMs: number | undefined): Promise<void> {
  const { id, streams, logs, strideBytes, context } = carrier
  const gathered = { 1: gather(), 2: gather() }
  const flush = (): void => { for (const stream of [1, 2] as const) gathered[stream].flush(bytes => { logs.append(stream, bytes) }) }
  const seam = new Seam({
    anchor: logs.anchor,
    have: { 1: logs.position(1), 2: logs.position(2) },
    lastWrite: logs.lastWrite(),
    engineLostAt: engineLostAtMs === undefined ? undefined : timeText(engineLostAtMs),
    strideBytes,
    write: (stream, bytes, from) => { gathered[stream].add(bytes, from, bytes.length) },
    gap: why => {
      flush()
      logs.mark(why)
      context.progress({ kind: 'gap', lostBytes: 0 })
    },
  })
  using brake = holdBack(carrier)
  const source = await streams.log(id, { since: seam.since, follow: true }, context.signal)
  context.progress({ kind: 'attached' })
  let passed = 0
  const parse = logEntries(entry => {
    if (entry.time >= brake.since) passed += entry.bytes.length
    seam.add(entry)
  })
  await carry(source, 'logs', context.signal, chunk => {
    parse(chunk)
    flush()
    logs.keep(seam.anchor)
    brake.passed(passed)
    passed = 0
  })
  seam.end()
  flush()
  logs.keep(seam.anchor)
}

/** There as soon as the engine answers. A container that is paused, or has ended, has none, and needs none. */
function holdBack ({ id, streams, context, strideBytes }: Carrier): Disposable & { readonly since: string, passed (bytes: number): void } {
  const over = new AbortController()
  let brake: Brake | undefined
  let since = '9'      // after all times
  const onAbort = (): void => { over.abort() }
  context.signal.addEventListener('abort', onAbort, { once: true })
  streams.attach(id, over.signal).then(stream => {
    if (over.signal.aborted) {
      stream.destroy()
      return
    }
    since = timeText(Date.now())
    brake = new Brake(stream, Math.min(maxWindowBytes, strideBytes))
  }).catch(() => {})
  return {
    get since () { return since },
    passed (bytes) { brake?.passed(bytes) },
    [Symbol.dispose] () {
      context.signal.removeEventListener('abort', onAbort)
      over.abort()
      brake?.[Symbol.dispose]()
    },
  }
}
