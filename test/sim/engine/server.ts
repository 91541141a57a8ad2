import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { CallName } from './call-names.ts'
import { Calls, type CallRecord } from './calls.ts'
import type { Daemon } from './daemon.ts'
import { apiVersion } from './engine-handlers.ts'
import { Dropped, Faults } from './faults.ts'
import type { Answer, Handler, PlainAnswer } from './handler.ts'
import { queriedImage } from './image-handlers.ts'
import { Refusal } from './refusal.ts'
import { findRoute } from './routes.ts'
import { send, type Exchange } from './send.ts'

export interface SimServer {
  readonly server: Server
  readonly calls: Calls
  readonly faults: Faults
}

export function createSimServer (daemon: Daemon): SimServer {
  const context = { daemon, calls: new Calls(), faults: new Faults() }
  const server = createServer((request, response) => { void serve(context, { request, response, connection: request.socket }) })
  server.on('upgrade', (request: IncomingMessage, connection: Duplex) => {
    // Nothing is read from it; its end tells that the client has gone, and so does an error.
    connection.on('error', () => {}).on('end', () => { connection.destroy() }).resume()
    void serve(context, { request, response: undefined, connection })
  })
  // As the real engine: an idle connection stays.
  server.keepAliveTimeout = 0
  return { server, calls: context.calls, faults: context.faults }
}

interface Context { readonly daemon: Daemon, readonly calls: Calls, readonly faults: Faults }

/** A request, understood. */
interface Asked {
  readonly call: CallName
  readonly handler: Handler
  readonly subject: string
  readonly name: string
  readonly query: URLSearchParams
  /** 41 of /v1.41; undefined without. */
  readonly version: string | undefined
}

async function serve (context: Context, exchange: Exchange): Promise<void> {
  const asked = understand(context.daemon, exchange.request)
  const record = watch(context.calls, asked, exchange)
  const fault = context.faults.take(asked.call, asked.name)
  const disruption = context.faults.disruption(fault)
  try {
    // Read before any fault: what a client asked for is done, whether it waits or not.
    const text = asked.call === 'import' ? '' : await textOf(exchange.request)
    const refused = await context.faults.strike(fault, 'before')
    const answer = refused ? no(refused) : await work(asked, { ...asked, daemon: context.daemon, body: exchange.request, text })
    const overruled = await context.faults.strike(fault, 'after')
    const last = overruled ? no(overruled) : answer
    record.status = 'tell' in last ? 200 : last.status
    const sent = send(exchange, last, { raw: asked.call === 'attach', isCut: fault?.how === 'cut', disruption })
    await context.faults.strikeAnswered(fault)
    await sent
  } catch (error) {
    // What a client that went away had still to send cannot be read.
    if (!(error instanceof Dropped) && !exchange.connection.destroyed) throw error
    exchange.connection.destroy()
  }
}

function understand (daemon: Daemon, request: IncomingMessage): Asked {
  const [, version, path = '/', search = ''] = /^(?:\/v1\.(\d+))?([^?]*)\??(.*)$/.exec(request.url ?? '/') ?? []
  const query = new URLSearchParams(search)
  const { call, handler, subject } = findRoute(request.method ?? 'GET', path, search)
  const isAboutImage = call === 'pull' || call === 'import'
  const reference = call === 'create' ? query.get('name') ?? '' : isAboutImage ? queriedImage(query) : subject
  return { call, handler, subject, query, version, name: daemon.containers.get(subject)?.name ?? reference }
}

function watch (calls: Calls, { call, name }: Asked, { response, connection }: Exchange): CallRecord {
  const record = calls.begin(call, name, () => { connection.destroy() })
  const body = response ?? connection
  body.once('close', () => {
    record.clientGone = !body.writableFinished
    calls.end(record)
  })
  return record
}

async function textOf (request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** A no of the handler is an answer like others: what a fault does after the work still strikes it. */
async function work ({ handler, version }: Asked, request: Parameters<Handler>[0]): Promise<Answer> {
  try {
    checkVersion(version)
    return await handler(request)
  } catch (error) {
    if (error instanceof Refusal) return no(error)
    throw error
  }
}

function no ({ status, message }: { status: number, message: string }): PlainAnswer {
  return { status, json: { message } }
}

function checkVersion (version: string | undefined): void {
  const newest = Number(apiVersion.split('.')[1])
  if (version === undefined || Number(version) <= newest) return
  throw new Refusal(400, `client version 1.${version} is too new. Maximum supported API version is ${apiVersion}`)
}
