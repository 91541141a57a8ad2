import type { AgentError } from '../../../model/errors.ts'
import { openLink, type Link, type LinkOptions } from '../../../door/libprocess/link.ts'
import { upidText } from '../../../door/libprocess/upid.ts'
import type { executor } from '../../../wire/messages.ts'
import type { ExecutorLink } from '../executor-port.ts'
import { toDriver, type Listener } from './driver-events.ts'

export interface DriverLinkOptions extends Omit<LinkOptions, 'onBroken'> {
  readonly listener: Listener
  readonly onBroken: (link: DriverLink, cause: AgentError) => void
}

/** The way to an executor of the older driver: every event becomes a message on the one connection to it. */
export class DriverLink implements ExecutorLink {
  /** Of the driver at its other end. */
  readonly pid: string
  readonly #listener: Listener
  readonly #link: Link

  constructor (options: DriverLinkOptions) {
    this.pid = upidText(options.to)
    this.#listener = options.listener
    this.#link = openLink({ ...options, onBroken: cause => { options.onBroken(this, cause) } })
  }

  send (event: executor.Event): void {
    const message = toDriver(event, this.#listener)
    if (message !== undefined) this.#link.send(message)
  }

  close (): void { this.#link.close() }
}
