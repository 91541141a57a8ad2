import type { Socket } from 'node:net'
import { Agent, buildConnector, request, type Dispatcher } from 'undici'
import { race } from '../../src/base/deadline.ts'
import { startResolver } from './resolve-host.ts'

export type Response = Dispatcher.ResponseData

export interface HttpClient extends Disposable {
  /** Sends a GET. An abort ends it at once, and its body. */
  get (url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Response>
}

/** Connections of one job. None outlives it: undici would let one that is still connecting go on after the request has ended. */
export function startHttpClient (): HttpClient {
  const resolver = startResolver()
  const sockets = new Set<Socket>()
  const connect = buildConnector({ lookup: resolver.lookup, timeout: 0 })
  const agent = new Agent({
    headersTimeout: 0,       // the caller's signal is the deadline; these are coarse
    bodyTimeout: 0,
    connect (options, callback) {
      const socket = connect(options, callback) as unknown as Socket       // declared void; undici itself takes what comes back
      sockets.add(socket)
      socket.once('close', () => { sockets.delete(socket) })
    },
  })
  return {
    get: (url, headers, signal) => race(request(url, { dispatcher: agent, headers, signal }), signal),
    [Symbol.dispose] () {
      resolver[Symbol.dispose]()
      agent.destroy().catch(() => {})       // its requests' failures are known to those who made them
      for (const socket of sockets) socket.destroy()
    },
  }
}
