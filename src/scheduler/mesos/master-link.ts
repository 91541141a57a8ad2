import type { Message } from '../../door/libprocess/frame.ts'
import { openLink, type Link, type LinkLimits } from '../../door/libprocess/link.ts'
import { parseUpid, upidText, type Upid } from '../../door/libprocess/upid.ts'
import type { AgentError } from '../../model/errors.ts'
import type { Leader } from '../../detection/detector.ts'

export interface MasterLinkOptions {
  /** Where the agent can be reached. */
  readonly self: () => Upid
  /** The connection has ended; it is made anew when there is something to say. */
  readonly onLost: (cause: AgentError) => void
}

/** Updates of a thousand tasks with what the engine says of each fit in, and the list of all tasks that a re-registration has. */
const limits: Partial<LinkLimits> = { queuedBytes: 64 * 1024 * 1024 }

/** The one connection to the master that leads. */
export class MasterLink {
  readonly #options: MasterLinkOptions
  #leader: Upid | undefined
  #link: Link | undefined

  constructor (options: MasterLinkOptions) { this.#options = options }

  get leader (): Upid | undefined { return this.#leader }

  /** Leaves whom it was linked to. */
  turnTo (leader: Leader | undefined): void {
    this.hangUp()
    this.#leader = leader && (parseUpid(leader.pid) ?? { id: 'master', ip: leader.ip, port: leader.port })
  }

  /** To the master, or to another process of its program. False when there is no master. */
  send (message: Message, id?: string): boolean {
    if (this.#leader === undefined) return false
    if (this.#link?.isOpen !== true) this.#link = this.#open(this.#leader)
    this.#link.send(message, id)
    return true
  }

  /** The next message goes over a new connection. */
  hangUp (): void {
    this.#link?.close()
    this.#link = undefined
  }

  /** Who the sender of a message is: the master that leads, whichever process of its program. */
  isLeader ({ ip, port }: Upid): boolean {
    return this.#leader?.ip === ip && this.#leader.port === port
  }

  get name (): string { return this.#leader === undefined ? 'nobody' : upidText(this.#leader) }

  #open (to: Upid): Link {
    const link = openLink({
      from: this.#options.self(), to, limits,
      onBroken: cause => {
        if (this.#link !== link) return
        this.#link = undefined
        this.#options.onLost(cause)
      },
    })
    return link
  }
}
