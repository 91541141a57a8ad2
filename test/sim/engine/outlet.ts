import type { Writable } from 'node:stream'

/** What a fault does to a stream: before its `afterWrites`-th write, `strike` decides whether the stream goes on. */
export interface Disruption { readonly afterWrites: number, readonly strike: (outlet: Outlet) => Promise<void> }

/** The body of an answer that takes its time. Writes wait for room; once the client has gone they do nothing. */
export class Outlet {
  readonly #to: Writable
  #disruption: Disruption | undefined
  #writes = 0
  #turn: Promise<void> = Promise.resolve()

  constructor (to: Writable, disruption?: Disruption) {
    this.#to = to
    // A client that went away in the middle; `isOpen` tells.
    to.on('error', () => {})
    this.#disruption = disruption
  }

  get isOpen (): boolean { return !this.#to.destroyed && !this.#to.writableEnded }

  /** One write after the other, so that a stalled one holds up those behind it. */
  write (data: Buffer | string): Promise<void> {
    this.#turn = this.#turn.then(() => this.#write(data))
    return this.#turn
  }

  writeLine (document: unknown): Promise<void> {
    return this.write(`${JSON.stringify(document)}\r\n`)
  }

  /** Ends the body after what was written. */
  end (): void {
    this.#turn = this.#turn.then(() => { if (this.isOpen) this.#to.end() })
  }

  /** Ends the body at once with these last words, past all turns. */
  finishWith (lastWords: Buffer | string): void {
    if (this.isOpen) this.#to.end(lastWords)
  }

  /** Breaks the connection. */
  cut (): void {
    this.#to.destroy()
  }

  onClose (listener: () => void): void {
    if (this.#to.destroyed) listener()
    else this.#to.once('close', listener)
  }

  closed (): Promise<void> {
    return new Promise(resolve => { this.onClose(resolve) })
  }

  async #write (data: Buffer | string): Promise<void> {
    if (this.#disruption && this.#writes++ >= this.#disruption.afterWrites) await this.#disrupted(this.#disruption)
    if (!this.isOpen || this.#to.write(data)) return
    await this.#room()
  }

  /** Once: what a stall has let go flows on. */
  #disrupted ({ strike }: Disruption): Promise<void> {
    this.#disruption = undefined
    return strike(this)
  }

  #room (): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        this.#to.off('drain', done).off('close', done)
        resolve()
      }
      this.#to.on('drain', done).on('close', done)
    })
  }
}
