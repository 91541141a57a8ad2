import type { Dispatcher } from 'undici'
import { race } from '../../../src/base/deadline.ts'
import { plainTransfer, type AddressKind, type TransferOptions } from '../../../src/model/transfer-options.ts'
import { checkAddress } from '../guarded-lookup.ts'
import { startResolver, type HostResolver } from '../resolve-host.ts'
import { basic } from './basic.ts'
import { startConnections } from './connections.ts'
import { proxyFor, type Environment } from './proxy-for.ts'

export type Response = Dispatcher.ResponseData

/** Who chose the address: the task, a server that redirects, or the operator, who may choose any. */
export type ChosenBy = 'task' | 'redirect' | 'operator'

export interface Request {
  readonly url: URL
  readonly headers: Record<string, string>
  readonly chosenBy: ChosenBy
  readonly method?: 'GET' | 'HEAD'
}

export interface HttpClient extends Disposable {
  readonly resolver: HostResolver
  readonly options: TransferOptions
  /** An abort ends the request at once, and its body. */
  send (request: Request, signal: AbortSignal): Promise<Response>
  /** A chunk of a body was used: its memory may be used again. */
  giveBack (chunk: Uint8Array): void
}

/** Connections of one job. None outlives it. */
export function startHttpClient (options: TransferOptions = plainTransfer, env: Environment = process.env): HttpClient {
  const resolver = startResolver()
  const connections = startConnections({ resolver, caFile: options.caFile })

  async function dispatch ({ url, headers, chosenBy, method = 'GET' }: Request, signal: AbortSignal): Promise<Response> {
    const { origin } = url
    const path = `${url.pathname}${url.search}`
    const denied = deniedTo(chosenBy, options)
    const proxy = proxyFor(url, env)
    if (proxy === undefined) return await connections.direct(denied).request({ origin, path, method, headers, signal })
    checkAddress(url.hostname, denied)       // where a name leads to is the proxy's affair
    if (url.protocol === 'https:') return await connections.tunnel(proxy).request({ origin, path, method, headers, signal })
    const toProxy = { ...headers, host: url.host, ...proxy.username === '' ? {} : { 'proxy-authorization': basic(proxy) } }
    return await connections.direct([]).request({ origin: proxy.origin, path: `${origin}${path}`, method, headers: toProxy, signal })
  }

  return {
    resolver, options,
    send: (request, signal) => race(dispatch(request, signal), signal),
    giveBack: connections.giveBack,
    [Symbol.dispose] () {
      resolver[Symbol.dispose]()
      connections[Symbol.dispose]()
    },
  }
}

/** Addresses that may not be connected to. */
function deniedTo (by: ChosenBy, { denyAddresses, denyRedirects }: TransferOptions): readonly AddressKind[] {
  return by === 'operator' ? [] : by === 'task' ? denyAddresses : [...denyAddresses, ...denyRedirects]
}
