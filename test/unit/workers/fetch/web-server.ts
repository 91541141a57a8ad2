import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createRawServer, type AddressInfo, type Server as RawServer } from 'node:net'
import { eventually } from '../../../support/eventually.ts'
import { sendMegabytes } from '../../../support/send-megabytes.ts'

export interface WebServer extends AsyncDisposable {
  readonly origin: string
  /** Until nobody is connected any more. */
  idle (): Promise<void>
}

export type Pages = Record<string, RequestListener | string | Uint8Array>

/** Serves pages by path. */
export async function startWebServer (pages: Pages): Promise<WebServer> {
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ''] ?? pages['*']
    if (typeof page === 'function') page(request, response)
    else if (page === undefined) response.writeHead(404).end('no such page')
    else response.writeHead(200, { 'content-length': Buffer.byteLength(page) }).end(page)
  })
  return listening(server, () => { server.closeAllConnections() })
}

/** Answers every request with these bytes, then closes. */
export async function startRawServer (answer: string): Promise<WebServer> {
  const server = createRawServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => { socket.end(answer) })
  })
  return listening(server, () => {})
}

async function listening (server: Server | RawServer, cut: () => void): Promise<WebServer> {
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  const connected = (): Promise<number> => new Promise((resolve, reject) => {
    server.getConnections((error, count) => { if (error) reject(error); else resolve(count) })
  })
  return {
    origin: `http://127.0.0.1:${port}`,
    async idle () { await eventually(async () => await connected() === 0, { reason: 'no open connection' }) },
    async [Symbol.asyncDispose] () {
      const closed = new Promise(resolve => { server.close(resolve) })
      cut()
      await closed
    },
  }
}

/** Says that `length` bytes come, sends the first of them and then nothing. */
export function stallingAt (bytes: number, length: number): RequestListener {
  return (_request, response) => { response.writeHead(200, { 'content-length': length }).write(Buffer.alloc(bytes)) }
}

/** Sends this many megabytes, as fast as they are taken. */
export function megabytes (count: number): RequestListener {
  return (_request, response) => { sendMegabytes(response, count) }
}

/** Sends as fast as it is taken, for ever, and does not say how much it will be. */
export const endless: RequestListener = (_request, response) => {
  const chunk = Buffer.alloc(1e6, 'x')
  const send = (): void => { while (response.write(chunk)) continue }
  response.on('drain', send)
  send()
}
