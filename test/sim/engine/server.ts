import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { CallName } from './call-names.ts'
import { Calls, type CallRecord } from './calls.ts'
import type { Daemon } from './daemon.ts'
import { apiVersion } from './engine-handlers.ts'
import { Dropped, Faults, type Fault } from './faults.ts'
import type { Answer, PlainAnswer, StreamAnswer } from './handler.ts'
import { queriedImage } from './image-handlers.ts'
import { Outlet } from './outlet.ts'
import { Refusal } from './refusal.ts'
import { findRoute } from './routes.ts'

export interface SimServer {
  readonly server: Server
  readonly calls: Calls
  readonly faults: Faults
}

/** One side of an answer: the HTTP response, or the connection itself where the client asked to take it over. */
interface Exchange { readonly request: IncomingMessage, readonly response: ServerResponse | undefined, readonly connection: Duplex }

interface Context { readonly daemon: Daemon, readonly calls: Calls, readonly faults: Faults }

export function createSimServer (daemon: Daemon): SimServer {
  const context = { daemon, calls: new Calls(), faults: new Faults() }
  const server = createServer((request, response) => { void serve(context, { request, response, connection: request.socket }) })
  server.on('upgrade', (request: IncomingMessage, connection: Duplex) => { void serve(context, { request, response: undefined, connection }) })
  server.keepAliveTimeout = 0
  return { server, calls: context.calls, faults: context.faults }
}

async function serve (context: Context, exchange: Exchange): Promise<void> {
  const { daemon, calls, faults } = context
  const { request, response, connection } = exchange
  const [, asked, path = '/', search = ''] = /^(?:\/v1\.(\d+))?([^?]*)\??(.*)$/.exec(request.url ?? '/') ?? []
  const query = new URLSearchParams(search)
  const { call, handler, subject } = findRoute(request.method ?? 'GET', path, search)
  const name = nameOf(daemon, call, subject, query)
  const record = calls.begin(call, name, () => { connection.destroy() })
  const body = response ?? connection
  body.once('close', () => {
    record.clientGone = response ? !response.writableFinished : !connection.writableFinished
    calls.end(record)
  })
  const fault = faults.take(call, name)
  try {
    checkVersion(asked)
    const refused = await faults.strike(fault, 'before')
    const answer = refused ? plainRefusal(refused) : await attempt(() => handler({ daemon, subject, query, body: request }))
    const overruled = await faults.strike(fault, 'after')
    await send(exchange, overruled ? plainRefusal(overruled) : answer, { record, fault, faults })
  } catch (error) {
    if (error instanceof Refusal) await send(exchange, plainRefusal(error), { record, fault: undefined, faults })
    else if (error instanceof Dropped) connection.destroy()
    else throw error
  }
}

/** A no of the handler is an answer like others: what comes after the work still strikes it. */
async function attempt (work: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal) return plainRefusal(error)
    throw error
  }
}

const plainRefusal = ({ status, message }: { status: number, message: string }): PlainAnswer => ({ status, json: { message } })

function checkVersion (asked: string | undefined): void {
  const newest = Number(apiVersion.split('.')[1])
  if (asked === undefined || Number(asked) <= newest) return
  throw new Refusal(400, `client version 1.${asked} is too new. Maximum supported API version is ${apiVersion}`)
}

function nameOf (daemon: Daemon, call: CallName, subject: string, query: URLSearchParams): string {
  if (call === 'create') return query.get('name') ?? ''
  if (call === 'pull' || call === 'import') return queriedImage(query)
  return daemon.containers.get(subject)?.name ?? subject
}

interface Sending { readonly record: CallRecord, readonly fault: Fault | undefined, readonly faults: Faults }

async function send (exchange: Exchange, answer: Answer, { record, fault, faults }: Sending): Promise<void> {
  record.status = 'status' in answer ? answer.status : 200
  if ('status' in answer) sendPlain(exchange, answer, fault?.how === 'cut')
  else await sendStream(exchange, answer, new Outlet(exchange.response ?? exchange.connection, faults.disruption(fault)))
}

function sendPlain ({ response, connection, request }: Exchange, { status, json, text }: PlainAnswer, isCut: boolean): void {
  const body = text ?? (json === undefined ? '' : `${JSON.stringify(json)}\n`)
  if (!response) {
    connection.end(`HTTP/1.1 ${status} Refused\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n${(json as { message?: string }).message ?? ''}\r\n`)
    return
  }
  // A body that nobody read would be taken for the next request.
  if (!request.complete) request.resume()
  const type = text === undefined ? 'application/json' : 'text/plain; charset=utf-8'
  const head = { 'api-version': apiVersion, ostype: 'linux', server: 'Docker/simulated (linux)' }
  response.writeHead(status, body === '' ? head : { ...head, 'content-type': type, 'content-length': Buffer.byteLength(body) })
  if (isCut && body.length > 1) response.write(body.slice(0, body.length >> 1), () => { connection.destroy() })
  else response.end(body)
}

async function sendStream ({ response, connection, request }: Exchange, { raw, tell }: StreamAnswer, outlet: Outlet): Promise<void> {
  if (!response) {
    connection.write('HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
    // A client that closed its side has gone: nothing more is read from it.
    connection.on('end', () => { connection.destroy() }).resume()
  } else {
    request.resume()
    // Neither a length nor chunks: the body is what comes until the end of the connection.
    if (raw === true) response.removeHeader('transfer-encoding')
    response.writeHead(200, { 'content-type': raw === true ? 'application/vnd.docker.raw-stream' : 'application/json', ...(raw === true ? { connection: 'close' } : { 'api-version': apiVersion }) })
    response.flushHeaders()
  }
  await tell(outlet)
  outlet.end()
}
