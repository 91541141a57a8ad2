import { carry } from './carry.ts'
import { AnchorWatch } from './anchor-watch.ts'
import { demultiplexer } from './demultiplex.ts'
import { overdue, type Carrier } from './carrier.ts'

/** From the container's first byte on: what it writes waits for us, and nothing is missed. */
export async function carryLive ({ id, streams, logs, strideBytes, holdMs, context }: Carrier): Promise<void> {
  const { signal } = context
  const source = await streams.attach(id, signal)
  using watch = new AnchorWatch({
    anchor: logs.anchor, strideBytes,
    openLog: since => streams.log(id, { since, follow: false }, signal),
    onAnchor: anchor => { logs.keep(anchor) },
  })
  context.progress({ kind: 'attached' })
  const split = demultiplexer((stream, bytes) => {
    const startedAt = performance.now()
    logs.append(stream, bytes)
    if (performance.now() - startedAt > holdMs) throw overdue(holdMs)
    watch.saw(bytes)
  })
  await carry(source, 'attach', signal, split)
}
