import { openLink, type Link } from '../../../src/door/libprocess/link.ts'
import { parseUpid, type Upid } from '../../../src/door/libprocess/upid.ts'
import type { MessageTypes } from '../../../src/wire/messages.ts'
import { decodeProtobuf, encodeProtobuf } from '../../../src/wire/protobuf.ts'
import type { Internal, Received } from '../libprocess-peer.ts'
import { startGsaslServer, type GsaslServer } from '../sasl/gsasl.ts'
import type { TestMaster } from './test-master.ts'

export interface AuthenticatorOptions {
  readonly principal: string
  readonly secret: string
  /** So many logins get no answer at first. */
  readonly mute?: number
  /** What is said instead of an offer of mechanisms. */
  readonly error?: string
}

/** The authenticator of a master: nobody registers who has not logged in. GNU SASL says who may. */
export class Authenticator implements Disposable {
  readonly #master: TestMaster
  readonly #options: AuthenticatorOptions
  /** Who has logged in: pids of agents. */
  readonly loggedIn: string[] = []
  logins = 0
  #session: { readonly id: string, readonly agent: string, readonly link: Link, readonly gsasl: GsaslServer } | undefined

  constructor (master: TestMaster, options: AuthenticatorOptions) {
    this.#master = master
    this.#options = options
    const take = master.peer.onMessage
    master.peer.onMessage = message => {
      if (message.name.startsWith('mesos.internal.Authenticat')) {
        void this.#take(message)
        return true
      }
      const isLetIn = this.loggedIn.some(pid => message.head.includes(`Libprocess-From: ${pid}\r\n`))
      if (!isLetIn) master.violations.push(`${message.name} of an agent that has not logged in`)
      return take?.(message) ?? false
    }
  }

  async #take ({ name, to, head, body }: Received): Promise<void> {
    const from = parseUpid(/Libprocess-From: (\S+)\r\n/.exec(head)?.[1] ?? '')!
    if (name === 'mesos.internal.AuthenticateMessage') {
      this.#begin(from, decodeProtobuf('internal.AuthenticateMessage', body).pid)
    } else if (name === 'mesos.internal.AuthenticationStartMessage') {
      const session = this.#sessionOf(to)
      if (session) this.#send('internal.AuthenticationStepMessage', { data: await session.gsasl.challenge })
    } else {
      const session = this.#sessionOf(to)
      if (session) await this.#decide(session, decodeProtobuf('internal.AuthenticationStepMessage', body).data)
    }
  }

  #begin (from: Upid, agent: string): void {
    this[Symbol.dispose]()
    const id = `crammd5-authenticator-session(${++this.logins})`
    const link = openLink({ from: { ...this.#master.peer.pid, id }, to: from, onBroken: () => {} })
    this.#session = { id, agent, link, gsasl: startGsaslServer(this.#options.secret) }
    if (this.logins <= (this.#options.mute ?? 0)) return
    if (this.#options.error !== undefined) this.#send('internal.AuthenticationErrorMessage', { error: this.#options.error })
    else this.#send('internal.AuthenticationMechanismsMessage', { mechanisms: ['DIGEST-MD5', 'CRAM-MD5'] })
  }

  async #decide (session: NonNullable<typeof this.session>, answer: Uint8Array): Promise<void> {
    const isKnown = Buffer.from(answer).toString().startsWith(`${this.#options.principal} `)
    if (isKnown && await session.gsasl.accepts(answer)) {
      this.loggedIn.push(session.agent)
      this.#send('internal.AuthenticationCompletedMessage', {})
    } else {
      this.#send('internal.AuthenticationFailedMessage', {})
    }
  }

  get session (): { readonly agent: string, readonly gsasl: GsaslServer } | undefined { return this.#session }

  #sessionOf (to: string): typeof this.session { return to === this.#session?.id ? this.#session : undefined }

  #send<N extends Internal> (name: N, message: MessageTypes[N]): void {
    this.#session?.link.send({ name: `mesos.${name}`, body: encodeProtobuf(name, message) })
  }

  [Symbol.dispose] (): void {
    this.#session?.link.close()
    this.#session?.gsasl[Symbol.dispose]()
    this.#session = undefined
  }
}
