import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Message } from '../../src/door/libprocess/frame.ts'
import { openLink, type Link } from '../../src/door/libprocess/link.ts'
import { parseUpid, type Upid } from '../../src/door/libprocess/upid.ts'
import type { MessageTypes } from '../../src/wire/messages.ts'
import { decodeProtobuf, encodeProtobuf } from '../../src/wire/protobuf.ts'
import { eventually } from './eventually.ts'

export type Internal = keyof MessageTypes & `internal.${string}`

/** A message as it came. */
export interface Received { readonly name: string, readonly to: string, readonly head: string, readonly body: Buffer }

/** A program that speaks libprocess as Mesos's own does: it listens, sends over one link, and answers each message with a 202. */
export class LibprocessPeer implements AsyncDisposable {
  pid: Upid
  readonly received: Received[] = []
  /** Connections to us that are open. */
  readonly connections = new Set<Socket>()
  /** All ports of ours: where we listen, and those of our links. */
  readonly ports = new Set<number>()
  /** Why links of ours broke. */
  readonly broken: string[] = []
  /** Sees a message as it comes; true: it is dealt with, and not received. */
  onMessage: ((message: Received) => boolean) | undefined
  readonly #server: Server
  readonly #links = new Map<string, Link>()

  private constructor (server: Server, pid: Upid) {
    this.#server = server
    this.pid = pid
    this.ports.add(pid.port)
    server.on('connection', socket => { this.#receive(socket) })
  }

  static async start (id: string, port = 0): Promise<LibprocessPeer> {
    const server = createServer({ allowHalfOpen: true })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return new LibprocessPeer(server, { id, ip: '127.0.0.1', port: (server.address() as { port: number }).port })
  }

  /** To a process as `slave(1)@127.0.0.1:5051`, over the link to it. */
  send<N extends Internal> (to: string, name: N, message: MessageTypes[N]): void {
    this.sendBytes(to, { name: `mesos.${name}`, body: encodeProtobuf(name, message) })
  }

  sendBytes (to: string, message: Message): void {
    const known = this.#links.get(to)
    const link = known?.isOpen === true ? known : this.#open(parseUpid(to)!)
    this.#links.set(to, link)
    link.send(message)
  }

  #open (to: Upid): Link {
    return openLink({
      from: this.pid, to,
      admit: async ({ localPort }) => { this.ports.add(localPort) },
      onBroken: cause => { this.broken.push(cause.message) },
    })
  }

  /** Closes what others have open to us; we go on. */
  hangUp (): void {
    for (const socket of this.connections) socket.destroy()
  }

  /** The next message of this name that nobody has taken yet. */
  async take<N extends Internal> (name: N, withinMs = 10_000): Promise<MessageTypes[N]> {
    return await eventually(() => {
      const at = this.received.findIndex(message => message.name === `mesos.${name}`)
      if (at < 0) return false
      const [{ body }] = this.received.splice(at, 1) as [Received]
      return decodeProtobuf(name, body)
    }, { withinMs, reason: `${name} among ${this.received.map(message => message.name).join(', ')}` })
  }

  /** The peer's program ends: whoever is linked to it sees that. */
  async [Symbol.asyncDispose] (): Promise<void> {
    for (const link of this.#links.values()) link.close()
    this.hangUp()
    await new Promise<void>(resolve => { this.#server.close(() => { resolve() }) })
  }

  #receive (socket: Socket): void {
    this.connections.add(socket)
    socket.on('close', () => { this.connections.delete(socket) })
    socket.on('error', () => {})
    socket.on('end', () => { socket.end() })
    let bytes: Buffer = Buffer.alloc(0)
    socket.on('data', chunk => {
      bytes = Buffer.concat([bytes, chunk])
      for (let whole = cutOff(bytes); whole !== undefined; whole = cutOff(bytes)) {
        bytes = whole.rest
        if (this.onMessage?.(whole.message) !== true) this.received.push(whole.message)
        socket.write('HTTP/1.1 202 Accepted\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nContent-Length: 0\r\n\r\n')
      }
    })
  }
}

/** The first whole message of what came; libprocess writes no other form than this. */
function cutOff (bytes: Buffer): { message: Received, rest: Buffer } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = bytes.subarray(0, end + 4).toString('latin1')
  const [, to = '', name = ''] = /^POST \/([^/]+)\/(\S+) HTTP/.exec(head) ?? []
  if (!head.includes('Transfer-Encoding: chunked')) return { message: { name, to, head, body: Buffer.alloc(0) }, rest: bytes.subarray(end + 4) }
  const line = bytes.indexOf('\r\n', end + 4)
  const size = line < 0 ? NaN : Number.parseInt(bytes.subarray(end + 4, line).toString('latin1'), 16)
  const after = line + 2 + size
  const tail = '\r\n0\r\n\r\n'
  if (Number.isNaN(size) || bytes.length < after + tail.length) return undefined
  return { message: { name, to, head, body: Buffer.from(bytes.subarray(line + 2, after)) }, rest: bytes.subarray(after + tail.length) }
}
