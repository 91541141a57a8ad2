import { carry } from './carry.ts'
import { markGap, type Carrier } from './carrier.ts'

/** What comes from a terminal is one stream, as it is. The engine's log of it has no frames to count by: after a gap it is told that output may be missing. */
export async function carryTerminal (carrier: Carrier, isNew: boolean): Promise<void> {
  const { id, streams, logs, context } = carrier
  const source = await streams.attach(id, context.signal)
  context.progress({ kind: 'attached' })
  if (!isNew) {
    markGap(carrier, 'the log pipe broke here: output may be missing')
  }
  await carry(source, 'attach', context.signal, chunk => { logs.append(1, chunk) })
}
