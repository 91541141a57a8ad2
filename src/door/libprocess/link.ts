import { connect, type Socket } from 'node:net'
import { AgentError } from '../../model/errors.ts'
import { frame, type Message } from './frame.ts'
import { upidText, type Upid } from './upid.ts'

export interface LinkOptions {
  readonly from: Upid
  readonly to: Upid
  /** Called once, when the connection is over for whatever reason but `close`: the peer has ended, or will never hear us again. */
  readonly onBroken: (cause: AgentError) => void
  /** Looks at the connection before the first byte is sent; what it throws breaks the link. It bounds itself. */
  readonly admit?: (connection: Connection) => Promise<void>
  readonly limits?: Partial<LinkLimits>
}

/** A TCP connection by its two ends. */
export interface Connection {
  readonly localIp: string
  readonly localPort: number
  readonly remoteIp: string
  readonly remotePort: number
}

export interface LinkLimits {
  readonly connectMs: number
  /** A peer that takes no byte of what waits for it for so long is broken. */
  readonly writeMs: number
  readonly queuedBytes: number
  /** What is still to be sent at `close` has so long. */
  readonly closeMs: number
}

/** One connection that stays, to one peer: messages arrive in order, or the link breaks. Whoever wants it again opens another. */
export interface Link {
  /** Never waits and never throws; on a link that is over it does nothing. `id`: another process of the same peer. */
  send (message: Message, id?: string): void
  /** Sends what waits, then ends the connection. `onBroken` is not called any more. */
  close (): void
  readonly isOpen: boolean
}

const usual: LinkLimits = { connectMs: 5_000, writeMs: 30_000, queuedBytes: 16 * 1024 * 1024, closeMs: 2_000 }
/** How often the kernel looks whether a silent peer's machine is still there. */
const keepAliveProbeMs = 30_000

export function openLink (options: LinkOptions): Link {
  return new OutgoingLink(options)
}

class OutgoingLink implements Link {
  readonly #options: LinkOptions
  readonly #limits: LinkLimits
  readonly #socket: Socket
  #isAdmitted = false
  #isClosing = false
  #isOver = false

  constructor (options: LinkOptions) {
    const { to, limits } = options
    this.#options = options
    this.#limits = { ...usual, ...limits }
    const socket = this.#socket = connect({ host: to.ip, port: to.port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveProbeMs })
    socket.cork()       // until it is admitted
    socket.on('error', error => { this.#break(`its connection failed: ${error.message}`) })
    socket.on('end', () => { this.#break('it closed its connection') })
    socket.on('close', () => { this.#break('its connection is closed') })
    socket.on('connect', () => { void this.#onConnect() })
    socket.setTimeout(this.#limits.connectMs, () => { this.#onSilence() })
    socket.resume()     // answers carry no meaning: a reply is a message of its own
  }

  get isOpen (): boolean { return !this.#isOver && !this.#isClosing }

  async #onConnect (): Promise<void> {
    this.#socket.setTimeout(this.#limits.writeMs)
    try {
      await this.#options.admit?.(connectionOf(this.#socket))
    } catch (error) {
      this.#break('it is not whom it should be', error)
      return
    }
    this.#isAdmitted = true
    this.#socket.uncork()
    if (this.#isClosing) this.#socket.end()
  }

  send (message: Message, id?: string): void {
    if (!this.isOpen) return
    const { from, to } = this.#options
    const bytes = frame(message, { from, to: { ...to, id: id ?? to.id } })
    const { queuedBytes } = this.#limits
    if (this.#socket.writableLength + bytes.length > queuedBytes) this.#break(`more than ${queuedBytes} bytes wait for it`)
    else this.#socket.write(bytes)
  }

  close (): void {
    if (!this.isOpen) return
    this.#isClosing = true
    if (this.#isAdmitted) this.#socket.end()
    const force = setTimeout(() => { this.#socket.destroy() }, this.#limits.closeMs)
    this.#socket.once('close', () => { clearTimeout(force) })
  }

  /** A link that has nothing to send may be silent for ever. */
  #onSilence (): void {
    if (this.#socket.connecting) this.#break(`it took no connection within ${this.#limits.connectMs} ms`)
    else if (this.#socket.writableLength > 0) this.#break(`it took nothing for ${this.#limits.writeMs} ms`)
  }

  #break (why: string, cause?: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#socket.destroy()
    if (this.#isClosing) return
    this.#options.onBroken(new AgentError('LINK_BROKEN', `the link to ${upidText(this.#options.to)} is broken: ${why}`, {}, cause))
  }
}

function connectionOf ({ localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 }: Socket): Connection {
  return { localIp: localAddress, localPort, remoteIp: remoteAddress, remotePort }
}
