import { connect, type Socket } from 'node:net'
import { deferred, type Deferred } from '../../base/deferred.ts'
import { AgentError } from '../../model/errors.ts'
import { bytes, flag, int, JuteReader, long, ustring } from './jute.ts'
import { packetCutter, sendPacket } from './packets.ts'

export interface SessionOptions {
  readonly ip: string
  readonly port: number
  /** For messages. */
  readonly name: string
  readonly timeoutMs: number
  /** Until the server has granted the session, the connection included. */
  readonly connectMs: number
  /** `user:password` */
  readonly digest?: string | undefined
}

/** What was read, and a promise that is kept when it changes; it is rejected when the session breaks before. */
export interface Watched<T> { readonly value: T, readonly changed: Promise<void> }

/** A connection to one server of an ensemble, which reads and watches. When it breaks it is over: watches are not taken along to another. */
export interface Session {
  /** Names of a node's children; undefined where there is no such node (which is not watched then). */
  children (path: string): Promise<Watched<string[]> | undefined>
  exists (path: string): Promise<Watched<boolean>>
  data (path: string): Promise<Buffer | undefined>
  /** Tells the server, and waits a second at most. */
  close (): Promise<void>
}

const operations = { exists: 3, data: 4, children: 8, ping: 11, auth: 100, close: -11 }
const xids = { watch: -1, ping: -2, auth: -4 }
const errors = { noNode: -101, noAuth: -102, authFailed: -115 }
const closeMs = 1000

export async function openSession (options: SessionOptions, signal: AbortSignal): Promise<Session> {
  const session = new ServerSession(options)
  const onAbort = (): void => { session.break('nobody waits for it any more') }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal.aborted) onAbort()
    await session.opened
    if (options.digest !== undefined) await session.authenticate(options.digest)
    return session
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

interface Pending extends Deferred<JuteReader | undefined> {
  readonly xid: number
  readonly sinceMs: number
  /** The path whose watch is set with the answer. */
  readonly watch: string | undefined
  changed?: Promise<void>
}

class ServerSession implements Session {
  readonly opened: Promise<void>
  readonly #options: SessionOptions
  readonly #socket: Socket
  readonly #opened = deferred()
  readonly #watches = new Map<string, Deferred<void>>()
  #pending: Pending[] = []
  #xid = 0
  #heardMs = performance.now()
  #timeoutMs: number
  #isOpen = false
  #broken: AgentError | undefined
  #timer: NodeJS.Timeout

  constructor (options: SessionOptions) {
    this.#options = options
    this.#timeoutMs = options.timeoutMs
    this.opened = this.#opened.promise
    this.opened.catch(() => {})
    this.#timer = setTimeout(() => { this.break(`it granted no session within ${options.connectMs} ms`) }, options.connectMs)
    const socket = this.#socket = connect({ host: options.ip, port: options.port, noDelay: true })
    const cut = packetCutter(packet => { this.#take(packet) })
    socket.on('data', chunk => { this.#hear(cut, chunk) })
    socket.on('error', error => { this.break('its connection failed', error) })
    socket.on('close', () => { this.break('it closed the connection') })
    socket.on('connect', () => {
      sendPacket(socket, int(0), long(0n), int(options.timeoutMs), long(0n), bytes(Buffer.alloc(16)), flag(false))
    })
  }

  async authenticate (digest: string): Promise<void> {
    await this.#ask(xids.auth, operations.auth, [int(0), ustring('digest'), ustring(digest)])
  }

  async children (path: string): Promise<Watched<string[]> | undefined> {
    const { answer, changed } = await this.#watched(operations.children, path)
    return answer && { value: answer.strings(), changed }
  }

  async exists (path: string): Promise<Watched<boolean>> {
    const { answer, changed } = await this.#watched(operations.exists, path)
    return { value: answer !== undefined, changed }
  }

  async data (path: string): Promise<Buffer | undefined> {
    const answer = await this.#ask(++this.#xid, operations.data, [ustring(path), flag(false)])
    return answer?.bytes()
  }

  async close (): Promise<void> {
    if (this.#broken) return
    const closed = new Promise<void>(resolve => { this.#socket.once('close', () => { resolve() }) })
    sendPacket(this.#socket, int(++this.#xid), int(operations.close))
    this.#socket.end()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => { this.#socket.destroy() }, closeMs)
    await closed
  }

  /** Ends it at once; all who wait learn why. */
  break (why: string, cause?: unknown): void {
    if (this.#broken) return
    const broken = this.#broken = new AgentError('MASTER_NOT_FOUND', `the ZooKeeper server ${this.#options.name} is lost: ${why}`, {}, cause)
    clearTimeout(this.#timer)
    this.#socket.destroy()
    this.#opened.reject(broken)
    for (const waiting of [...this.#pending, ...this.#watches.values()]) waiting.reject(broken)
    this.#pending = []
    this.#watches.clear()
  }

  async #watched (operation: number, path: string): Promise<{ answer: JuteReader | undefined, changed: Promise<void> }> {
    const pending = this.#send(++this.#xid, operation, [ustring(path), flag(true)], path)
    const answer = await pending.promise
    return { answer, changed: pending.changed ?? Promise.reject(new Error('nothing is watched')) }
  }

  #ask (xid: number, operation: number, body: readonly Buffer[]): Promise<JuteReader | undefined> {
    return this.#send(xid, operation, body).promise
  }

  #send (xid: number, operation: number, body: readonly Buffer[], watch?: string): Pending {
    const pending: Pending = { ...deferred<JuteReader | undefined>(), xid, watch, sinceMs: performance.now() }
    pending.promise.catch(() => {})
    if (this.#broken) {
      pending.reject(this.#broken)
      return pending
    }
    this.#pending.push(pending)
    sendPacket(this.#socket, int(xid), int(operation), ...body)
    return pending
  }

  #hear (cut: (chunk: Buffer) => void, chunk: Buffer): void {
    this.#heardMs = performance.now()
    try {
      cut(chunk)
    } catch (error) {
      this.break('it does not speak as ZooKeeper does', error)
    }
  }

  #take (packet: Buffer): void {
    if (this.#broken) return
    const reader = new JuteReader(packet)
    if (!this.#isOpen) { this.#open(reader); return }
    const xid = reader.int()
    reader.long()
    const error = reader.int()
    if (xid === xids.watch) this.#onChange(reader)
    else if (xid !== xids.ping) this.#answer(xid, error, reader)
  }

  #open (reader: JuteReader): void {
    reader.int()
    const timeoutMs = reader.int()
    if (timeoutMs <= 0) throw new RangeError('it granted no time')
    this.#isOpen = true
    this.#timeoutMs = timeoutMs
    clearTimeout(this.#timer)
    this.#timer = setInterval(() => { this.#look() }, timeoutMs / 3)
    this.#opened.resolve()
  }

  /** A server that stalls keeps its connections: only silence tells. */
  #look (): void {
    const now = performance.now()
    const patienceMs = this.#timeoutMs * 2 / 3
    if (now - this.#heardMs > patienceMs) this.break('it said nothing for too long')
    else if (now - (this.#pending[0]?.sinceMs ?? now) > this.#timeoutMs) this.break('it leaves a question without an answer')
    else sendPacket(this.#socket, int(xids.ping), int(operations.ping))
  }

  /** Answers come in the order of the questions. */
  #answer (xid: number, error: number, reader: JuteReader): void {
    const [pending] = this.#pending
    if (pending?.xid !== xid) throw new RangeError(`an answer to ${xid} that nobody asked for`)         // who waits is told by the break
    this.#pending.shift()
    if (error !== 0 && error !== errors.noNode) {
      pending.reject(this.#refusal(error))
      return
    }
    if (pending.watch !== undefined) pending.changed = this.#watch(pending.watch)
    pending.resolve(error === 0 ? reader : undefined)
  }

  #watch (path: string): Promise<void> {
    const watch = this.#watches.get(path) ?? deferred()
    watch.promise.catch(() => {})
    this.#watches.set(path, watch)
    return watch.promise
  }

  #onChange (reader: JuteReader): void {
    reader.int()
    reader.int()
    const path = reader.ustring()
    this.#watches.get(path)?.resolve()
    this.#watches.delete(path)
  }

  #refusal (error: number): AgentError {
    const told = error === errors.authFailed ? 'refuses the user and password of --master'
      : error === errors.noAuth ? 'does not let us read: the path of --master wants a user and password, or others'
        : `refuses (error ${error})`
    return new AgentError('MASTER_NOT_FOUND', `the ZooKeeper server ${this.#options.name} ${told}`)
  }
}

