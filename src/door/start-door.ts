import { fastify, type FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import { connectionLimit } from './connection-limit.ts'
import type { Log } from '../base/log.ts'
import type { Credential } from './credentials.ts'
import { AgentError } from '../model/errors.ts'
import { listenOnSocket } from './listen-on-socket.ts'
import { shareConnections, type SharedConnections } from './shared-connections.ts'
import { requireToken } from './require-token.ts'
import { acceptRawBodies } from './raw-bodies.ts'
import { answerErrors, answerUnroutable } from './answer-errors.ts'

export interface DoorOptions {
  readonly ip: string
  /** 0: any free one. */
  readonly port: number
  /** Listens here instead, for whoever may reach the folder. */
  readonly socketPath?: string
  /** undefined: everybody may do everything. */
  readonly token: string | undefined
  /** Routes, as they were registered, that need no token and answer before the door is ready. */
  readonly openPaths: readonly string[]
  /** Names and passwords that do as the token does. */
  readonly credentials?: readonly Credential[]
  /** What only looks on needs no token. */
  readonly isReadingOpen?: boolean
  /** Registers the routes; none can be added once the door listens. */
  readonly routes: (app: FastifyInstance) => void
  readonly log: Log
  readonly maxBodyBytes?: number
  /** More than these are closed as they come. */
  readonly maxConnections?: number
  /** The same, together with the doors that are given this as well. */
  readonly connections?: SharedConnections
}

export interface Door {
  readonly app: FastifyInstance
  readonly url: string
  readonly ip: string
  readonly port: number
  /** Until it is true, only the open paths are served; the others get 503. */
  ready: boolean
  /** From when it was opened until then. */
  readonly readyAfterMs: number
  /** Stops listening, gives what is under way a moment, cuts the rest. Bounded. */
  close (): Promise<void>
}

const defaultMaxBodyBytes = 32 * 1024 * 1024
/** The time for a whole request to arrive. Answers, streams among them, may take as long as they like. */
const requestTimeoutMs = 120_000
const closeGraceMs = 1000

export async function startDoor (options: DoorOptions): Promise<Door> {
  const app = fastify({
    logger: false,
    bodyLimit: options.maxBodyBytes ?? defaultMaxBodyBytes,
    requestTimeout: requestTimeoutMs,
    routerOptions: { maxParamLength: 4096 },
    frameworkErrors: (_error, _request, reply) => { answerUnroutable(reply) },
  })
  app.server.maxConnections = options.maxConnections ?? connectionLimit()
  if (options.connections !== undefined) shareConnections(app.server, options.connections)
  const gate = { ready: false, openedAt: performance.now(), readyAfterMs: 0 }
  logRequests(app, options.log)
  answerErrors(app, options.log)
  acceptRawBodies(app)
  if (options.token !== undefined) await requireToken(app, { ...options, token: options.token })
  refuseUntilReady(app, gate, options.openPaths)
  options.routes(app)
  await listen(app, options)
  const { address, port } = options.socketPath === undefined ? app.server.address() as AddressInfo : { address: options.ip, port: 0 }
  return {
    app,
    url: `http://${address.includes(':') ? `[${address}]` : address}:${String(port)}`,
    ip: address,
    port,
    get ready () { return gate.ready },
    set ready (value) {
      gate.ready = value
      gate.readyAfterMs ||= performance.now() - gate.openedAt
    },
    get readyAfterMs () { return gate.readyAfterMs },
    close: () => closeDoor(app),
  }
}

async function listen (app: FastifyInstance, { ip, port, socketPath }: DoorOptions): Promise<void> {
  try {
    if (socketPath === undefined) await app.listen({ host: ip, port })
    else await listenOnSocket(app, socketPath)
  } catch (error) {
    await app.close()
    if (socketPath !== undefined) throw new AgentError('SETTING_INVALID', `cannot listen on the socket ${socketPath}`, { socketPath }, error)
    throw new AgentError('SETTING_INVALID', `cannot listen on ${ip}:${String(port)}`, { ip, port }, error)
  }
}

async function closeDoor (app: FastifyInstance): Promise<void> {
  const force = setTimeout(() => { app.server.closeAllConnections() }, closeGraceMs)
  try {
    await app.close()
  } finally {
    clearTimeout(force)
  }
}

function refuseUntilReady (app: FastifyInstance, gate: { ready: boolean }, openPaths: readonly string[]): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (gate.ready || openPaths.includes(request.routeOptions.url ?? '')) { done(); return }
    void reply.code(503).header('retry-after', '1').type('text/plain; charset=utf-8').send('Agent has not finished recovery')
  })
}

/** Neither headers nor the query are logged: tokens and the like stand there. */
function logRequests (app: FastifyInstance, log: Log): void {
  app.addHook('onResponse', (request, reply, done) => {
    const path = request.url.split('?', 1)[0]
    log.debug({ method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request answered')
    done()
  })
}
