import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { apiVersion } from './engine-handlers.ts'
import type { Answer, PlainAnswer, StreamAnswer } from './handler.ts'
import { Outlet, type Disruption } from './outlet.ts'

/** A request with what answers it: the HTTP response, or the connection itself where the client asked to take it over. */
export interface Exchange { readonly request: IncomingMessage, readonly response: ServerResponse | undefined, readonly connection: Duplex }

/** `raw`: the call hands the connection over, and says no in plain text. `isCut`: the answer breaks in the middle. */
export interface Manner { readonly raw: boolean, readonly isCut: boolean, readonly disruption: Disruption | undefined }

const rawType = 'application/vnd.docker.raw-stream'

export async function send (exchange: Exchange, answer: Answer, manner: Manner): Promise<void> {
  if ('tell' in answer) await sendStream(exchange, answer, manner)
  else if (manner.raw) sendRawNo(exchange, answer)
  else sendPlain(exchange, answer, manner.isCut)
}

function sendRawNo ({ response, connection }: Exchange, { status, json }: PlainAnswer): void {
  const text = `${(json as { message?: string } | undefined)?.message ?? ''}\r\n`
  if (response) response.writeHead(status, { 'content-type': rawType, connection: 'close' }).end(text)
  else connection.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: ${rawType}\r\n\r\n${text}`)
}

function sendPlain ({ response, connection, request }: Exchange, { status, json, text }: PlainAnswer, isCut: boolean): void {
  // What nobody read of the request would be taken for the next one.
  request.resume()
  const body = text ?? (json === undefined ? '' : `${JSON.stringify(json)}\n`)
  const type = text === undefined ? 'application/json' : 'text/plain; charset=utf-8'
  const head = { 'api-version': apiVersion, ostype: 'linux', server: 'Docker/simulated (linux)' }
  response?.writeHead(status, body === '' ? head : { ...head, 'content-type': type, 'content-length': Buffer.byteLength(body) })
  if (isCut || !response) response?.write(body.slice(0, body.length >> 1), () => { connection.destroy() })
  else response.end(body)
}

async function sendStream (exchange: Exchange, { tell }: StreamAnswer, { raw, disruption }: Manner): Promise<void> {
  if (exchange.response) begin(exchange.response, raw)
  else upgrade(exchange.connection)
  exchange.request.resume()
  const outlet = new Outlet(exchange.response ?? exchange.connection, disruption)
  await tell(outlet)
  outlet.end()
}

function begin (response: ServerResponse, raw: boolean): void {
  // Neither a length nor chunks: a raw body is what comes until the end of the connection.
  if (raw) response.removeHeader('transfer-encoding')
  const head = raw ? { 'content-type': rawType, connection: 'close' } : { 'content-type': 'application/json', 'api-version': apiVersion }
  response.writeHead(200, head)
  response.flushHeaders()
}

function upgrade (connection: Duplex): void {
  connection.write(`HTTP/1.1 101 UPGRADED\r\nContent-Type: ${rawType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`)
}
