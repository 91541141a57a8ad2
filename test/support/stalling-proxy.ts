import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface StallingProxy extends AsyncDisposable {
  readonly port: number
  /** Takes connections and passes nothing on any more. */
  stall (): void
  /** Closes all connections; takes new ones unless it is stalled. */
  hangUp (): void
  /** How many connections it has at the moment. */
  readonly connections: number
}

/** Stands before a port of loopback and passes everything on, until it is told not to. */
export async function startStallingProxy (to: number): Promise<StallingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let isStalled = false
  const server = createServer(client => {
    const pair = [client, connect(to, '127.0.0.1')] as const
    pairs.add(pair)
    for (const [one, other] of [pair, [pair[1], pair[0]] as const]) {
      one.on('data', chunk => { if (!isStalled) other.write(chunk) })
      one.on('error', () => {}).once('close', () => {
        other.destroy()
        pairs.delete(pair)
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const hangUp = (): void => { for (const [client] of pairs) client.destroy() }
  return {
    port: (server.address() as AddressInfo).port,
    get connections () { return pairs.size },
    stall () { isStalled = true },
    hangUp,
    async [Symbol.asyncDispose] () {
      server.close()
      hangUp()
    },
  }
}
