import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { deferred } from '../../base/deferred.ts'
import { bodyOf } from '../raw-bodies.ts'
import type { Message } from './frame.ts'
import type { Connection } from './link.ts'
import { senderOf, type Upid } from './upid.ts'

export interface MessageRoutesOptions<Peer> {
  /** Our process's id, 'slave(1)': messages come to `/slave(1)/<name>`. */
  readonly process: string
  /** Full names of the messages that are taken. */
  readonly names: readonly string[]
  /**
   * Who is at the other end of a connection; undefined: nobody we take messages from. Asked once per connection, and before a message's body is
   * read. It bounds itself.
   */
  readonly admit: (connection: Connection, from: Upid, name: string) => Promise<Peer | undefined> | Peer | undefined
  /** Back, in the order it was called, when the body of a peer's message may come. */
  readonly makeRoom?: (peer: Peer, body: IncomingMessage) => Promise<void>
  /** Takes a message, in the order of its connection. What it throws is the answer. */
  readonly take: (message: Message, from: Upid, peer: Peer) => void
  readonly maxBodyBytes?: number
  /** Requests that wait for `admit` at a time; more are sent away. */
  readonly maxWaiting?: number
}

const defaultMaxBodyBytes = 16 * 1024 * 1024
const defaultMaxWaiting = 64

/** Takes libprocess messages at a door. The answer, a 202, carries no meaning: senders do not wait for it. */
export function messageRoutes<Peer> (app: FastifyInstance, options: MessageRoutesOptions<Peer>): void {
  const { process, names, take, maxBodyBytes = defaultMaxBodyBytes } = options
  const gate = new PeerGate(options)
  for (const name of names) {
    app.post(`/${process}/${name}`, {
      config: { hasOwnToken: true },      // libprocess knows no tokens: `admit` stands for it
      bodyLimit: maxBodyBytes,
      onRequest: (request, reply) => gate.pass(request, reply, name),
    }, async (request, reply) => {
      const { peer, from, turn } = gate.passed(request)
      await turn.begins
      try {
        take({ name, body: bodyOf(request) }, from, peer)
      } finally {
        turn.end()
      }
      return await reply.code(202).send()
    })
  }
}

interface Passed<Peer> { readonly peer: Peer, readonly from: Upid, readonly turn: Turn }

class PeerGate<Peer> {
  readonly #options: MessageRoutesOptions<Peer>
  readonly #peers = new WeakMap<Socket, Promise<Peer | undefined> | Peer | undefined>()
  readonly #passed = new WeakMap<FastifyRequest, Passed<Peer>>()
  readonly #turns = new Turns()
  #waiting = 0

  constructor (options: MessageRoutesOptions<Peer>) { this.#options = options }

  /** Requests of one connection leave in the order they came: they wait for one and the same promise. */
  async pass (request: FastifyRequest, reply: FastifyReply, name: string): Promise<unknown> {
    const { socket, headers } = request.raw
    const from = senderOf(headers)
    if (from === undefined) return refuse(reply, 400, 'This is no libprocess message: its sender is missing, or is none.')
    if (this.#waiting >= (this.#options.maxWaiting ?? defaultMaxWaiting)) return refuse(reply, 503, 'Too many messages wait to be let in.')
    if (!this.#peers.has(socket)) this.#peers.set(socket, this.#options.admit(connectionOf(socket), from, name))
    const turn = this.#turns.next(socket, reply)
    const known = this.#peers.get(socket)
    const peer = known instanceof Promise ? await this.#look(known) : known
    if (peer === undefined) return refuse(reply, 403, 'Messages of this sender are not taken.')
    await this.#options.makeRoom?.(peer, request.raw)
    this.#passed.set(request, { peer, from, turn })
    keepOpen(reply, socket)
    return undefined
  }

  async #look (peer: Promise<Peer | undefined>): Promise<Peer | undefined> {
    this.#waiting++
    try {
      return await peer
    } finally {
      this.#waiting--
    }
  }

  passed (request: FastifyRequest): Passed<Peer> {
    return this.#passed.get(request)!
  }
}

interface Turn { readonly begins: Promise<void> | undefined, end (): void }

/** Messages of one connection are taken in the order in which they came, however long the body of one took to be read. */
class Turns {
  readonly #last = new WeakMap<Socket, Promise<void>>()

  /** A request that comes to nothing ends its turn as well. */
  next (socket: Socket, reply: FastifyReply): Turn {
    const over = deferred()
    const begins = this.#last.get(socket)
    this.#last.set(socket, over.promise)
    reply.raw.once('close', () => { over.resolve() })
    return { begins, end: () => { over.resolve() } }
  }
}

/** The connection is the peer's link: it is silent for as long as there is nothing to say, and its end would be ours. */
function keepOpen (reply: FastifyReply, socket: Socket): void {
  reply.raw.once('finish', () => { socket.setTimeout(0) })
}

function refuse (reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).header('connection', 'close').type('text/plain; charset=utf-8').send(text)
}

function connectionOf ({ localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 }: Socket): Connection {
  return { localIp: localAddress, localPort, remoteIp: remoteAddress, remotePort }
}
