import type { Socket } from 'node:net'
import { Agent, buildConnector, Pool, ProxyAgent, type Dispatcher } from 'undici'
import type { AddressKind } from '../../../src/model/transfer-options.ts'
import { checkAddress, guardedLookup } from '../guarded-lookup.ts'
import type { HostResolver } from '../resolve-host.ts'
import { trustedCertificates } from '../trusted-certificates.ts'
import { basic } from './basic.ts'
import { ReadBuffers } from './read-buffers.ts'

export interface Connections extends Disposable {
  /** To the hosts themselves, unless their addresses are of these kinds. */
  direct (denied: readonly AddressKind[]): Dispatcher
  /** Through a proxy, which does not see what goes on inside. */
  tunnel (proxy: URL): Dispatcher
  /** A chunk of a body was used: its memory may be used again. */
  giveBack (chunk: Uint8Array): void
}

/** The caller's signal is the deadline; undici's own are coarse. */
const noTimeouts = { headersTimeout: 0, bodyTimeout: 0 }

interface Needs { readonly resolver: HostResolver, readonly caFile: string | undefined }

/** Keeps count of its sockets: undici would let one that is still connecting go on after the request has ended. */
export function startConnections ({ resolver, caFile }: Needs): Connections {
  const sockets = new Set<Socket>()
  const dispatchers = new Map<string, Dispatcher>()
  const buffers = new ReadBuffers()

  function connector (denied: readonly AddressKind[]): buildConnector.connector {
    const lookup = guardedLookup(resolver.lookup, denied)
    let secure: buildConnector.connector | undefined       // certificates take their time, and most need none
    return (target, callback) => {
      try {
        checkAddress(target.hostname, denied)
        if (target.protocol === 'https:') secure ??= buildConnector({ lookup, timeout: 0, secureContext: trustedCertificates(caFile) })
        const plain = (): buildConnector.connector => buildConnector({ lookup, timeout: 0, onread: buffers.onread(() => socket) })
        const connect = target.protocol === 'https:' && secure !== undefined ? secure : plain()
        const socket = connect(target, callback) as unknown as Socket       // declared void; undici itself takes what comes back
        sockets.add(socket)
        socket.once('close', () => { sockets.delete(socket) })
      } catch (error) {
        callback(error as Error, null)
      }
    }
  }

  function dispatcher (key: string, make: () => Dispatcher): Dispatcher {
    const known = dispatchers.get(key) ?? make()
    dispatchers.set(key, known)
    return known
  }

  return {
    direct: denied => dispatcher(denied.join(), () => new Agent({ ...noTimeouts, connect: connector(denied) })),
    tunnel: proxy => dispatcher(proxy.href, () => new ProxyAgent({
      ...noTimeouts,
      uri: proxy.origin,
      ...proxy.username === '' ? {} : { token: basic(proxy) },
      requestTls: { secureContext: trustedCertificates(caFile), timeout: 0 },
      clientFactory: origin => new Pool(origin, { ...noTimeouts, connect: connector([]) }),
    })),
    giveBack (chunk) { buffers.giveBack(chunk) },
    [Symbol.dispose] () {
      for (const one of dispatchers.values()) one.destroy().catch(() => {})       // its requests' failures are known to those who made them
      for (const socket of sockets) socket.destroy()
    },
  }
}
