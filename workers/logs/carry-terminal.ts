import { carry } from './carry.ts'
import { markGap, type Carrier } from './carrier.ts'

/** What comes from a terminal is one stream, as it is. `missing`: why something of it was missed. */
export async function carryTerminal (carrier: Carrier, missing: string | undefined): Promise<void> {
  const { id, streams, logs, context } = carrier
  const source = await streams.attach(id, context.signal)
  if (missing !== undefined) markGap(carrier, missing)
  context.progress({ kind: 'attached' })
  await carry(source, 'attach', context.signal, chunk => { logs.append(1, chunk) })
}
