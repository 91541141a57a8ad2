import { deferred } from '../../../base/deferred.ts'
import type { Message } from '../../../door/libprocess/frame.ts'
import { upidText, type Upid } from '../../../door/libprocess/upid.ts'
import type { Credential } from '../../../model/credential.ts'
import { AgentError, messageOf } from '../../../model/errors.ts'
import type { MessageTypes } from '../../../wire/messages.ts'
import { decodeProtobuf, encodeProtobuf } from '../../../wire/protobuf.ts'
import { answerChallenge, mechanism } from './cram-md5.ts'

/*  agent                                   master
 *  AuthenticateMessage             -->
 *                                  <--     AuthenticationMechanismsMessage, from a process that it has made for this
 *  AuthenticationStartMessage      -->     to that process, as all that follows
 *                                  <--     AuthenticationStepMessage, the challenge
 *  AuthenticationStepMessage       -->
 *                                  <--     AuthenticationCompletedMessage, or Failed, or Error                          */
type Name = 'AuthenticationMechanismsMessage' | 'AuthenticationStepMessage' | 'AuthenticationCompletedMessage' | 'AuthenticationFailedMessage'
  | 'AuthenticationErrorMessage'

type Heard = `mesos.internal.${Name}`

export interface AttemptOptions {
  readonly master: Upid
  /** Who is to be let in. */
  readonly agent: Upid
  readonly credential: Credential
  /** To a process of the master. */
  readonly send: (message: Message, id: string) => void
}

const prefix = 'mesos.internal.'
const longestWords = 500

/** One try to log in, as far as messages go: what is sent, what is heard, how it ends. */
export class LoginAttempt {
  /** Throws LOGIN_REFUSED where the master does not want us, LOGIN_FAILED where another try may do. */
  readonly outcome: Promise<void>
  readonly #end = deferred()
  readonly #options: AttemptOptions
  /** The master's process that talks to us. */
  #session: string | undefined
  #isAnswered = false

  constructor (options: AttemptOptions) {
    this.#options = options
    this.outcome = this.#end.promise
    this.outcome.catch(() => {})
  }

  begin (): void {
    const { agent, master } = this.#options
    this.#send('AuthenticateMessage', { pid: upidText(agent) }, master.id)
  }

  /** What others than the master say counts for nothing. */
  hear ({ name, body }: Message, from: Upid): void {
    const { master } = this.#options
    const react = Object.hasOwn(this.#reactions, name) ? this.#reactions[name as Heard] : undefined
    if (from.ip !== master.ip || from.port !== master.port || react === undefined) return
    try {
      react(body, from.id)
    } catch (error) {
      this.fail(`it sent a ${name} that cannot be read (${messageOf(error)})`)
    }
  }

  fail (why: string, cause?: unknown): void {
    this.#end.reject(new AgentError('LOGIN_FAILED', `the login to ${upidText(this.#options.master)} failed: ${why}`, {}, cause))
  }

  readonly #reactions: Readonly<Record<Heard, (body: Uint8Array, from: string) => void>> = {
    'mesos.internal.AuthenticationMechanismsMessage': (body, from) => {
      const { mechanisms = [] } = decodeProtobuf('internal.AuthenticationMechanismsMessage', body)
      if (!mechanisms.includes(mechanism)) {
        this.fail(`it knows ${mechanisms.map(shown).join(', ') || 'no mechanism'}, and not ${mechanism}`)
        return
      }
      // A later process takes the place of an earlier one: that one belongs to a try that was given up.
      this.#session = from
      this.#isAnswered = false
      this.#send('AuthenticationStartMessage', { mechanism, data: new Uint8Array() }, from)
    },
    'mesos.internal.AuthenticationStepMessage': (body, from) => {
      const { data } = decodeProtobuf('internal.AuthenticationStepMessage', body)
      if (from !== this.#session) return
      if (this.#isAnswered) { this.fail('it asked a second time'); return }
      this.#isAnswered = true
      this.#send('AuthenticationStepMessage', { data: answerChallenge(data, this.#options.credential) }, from)
    },
    'mesos.internal.AuthenticationCompletedMessage': (_body, from) => {
      if (from !== this.#session) return
      if (this.#isAnswered) this.#end.resolve()
      else this.fail('it let us in without a question')
    },
    'mesos.internal.AuthenticationFailedMessage': (_body, from) => {
      if (from !== this.#session) return
      const { master, credential } = this.#options
      this.#end.reject(new AgentError('LOGIN_REFUSED', `${upidText(master)} refused the login of '${shown(credential.principal)}'`))
    },
    'mesos.internal.AuthenticationErrorMessage': body => {
      const { error = 'no reason was given' } = decodeProtobuf('internal.AuthenticationErrorMessage', body)
      this.fail(`it said: ${shown(error)}`)
    },
  }

  #send <N extends `Authenticat${'e' | 'ionStart' | 'ionStep'}Message`> (name: N, message: MessageTypes[`internal.${N}`], id: string): void {
    this.#options.send({ name: prefix + name, body: encodeProtobuf(`internal.${name}` as const, message) }, id)
  }

  static readonly names: readonly string[] = [
    'AuthenticationMechanismsMessage', 'AuthenticationStepMessage', 'AuthenticationCompletedMessage', 'AuthenticationFailedMessage',
    'AuthenticationErrorMessage',
  ].map(name => prefix + name)
}

function shown (text: string): string {
  return text.replace(/[\x00-\x1f\x7f]/g, '?').slice(0, longestWords)
}
