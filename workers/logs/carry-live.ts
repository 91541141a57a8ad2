import { carry } from './carry.ts'
import { AnchorWatch } from './anchor-watch.ts'
import { demultiplexer } from './demultiplex.ts'
import { markGap, overdue, type Carrier } from './carrier.ts'
import { inOneRun } from './in-one-run.ts'

/**
 * From the container's first byte on: what it writes waits for us, and nothing is missed. Or from now on, where the log that has what was before is
 * `unreadable`.
 */
export async function carryLive (carrier: Carrier, unreadable?: string): Promise<void> {
  const { id, streams, logs, strideBytes, holdMs, context: { signal, progress } } = carrier
  const source = await inOneRun(carrier, () => streams.attach(id, signal))
  if (unreadable !== undefined) markGap(carrier, unreadable)
  using watch = new AnchorWatch({
    anchor: logs.anchor, strideBytes,
    openLog: since => streams.log(id, { since, follow: false }, signal),
    onAnchor: anchor => { logs.keep(anchor) },
  })
  progress({ kind: 'attached' })
  const split = demultiplexer((stream, bytes) => {
    const startedAt = performance.now()
    logs.append(stream, bytes)
    if (performance.now() - startedAt > holdMs) throw overdue(holdMs)
    watch.saw(bytes)
  })
  await carry(source, 'attach', signal, split)
}
