import { race, startDeadline } from '../../../base/deadline.ts'
import type { Leader } from '../../../detection/detector.ts'
import type { Message } from '../../../door/libprocess/frame.ts'
import { openLink, type Link } from '../../../door/libprocess/link.ts'
import { parseUpid, type Upid } from '../../../door/libprocess/upid.ts'
import type { Credential } from '../../../model/credential.ts'
import { AgentError } from '../../../model/errors.ts'
import { LoginAttempt } from './login-attempt.ts'

export interface MasterLoginOptions {
  readonly credential: Credential
  /** This agent, as masters know it. */
  readonly agent: () => Upid
  /** An attempt may last from `minMs` on; each that was in vain lets the next one last up to twice `growMs` more, `maxMs` at most. */
  readonly patience: { readonly minMs: number, readonly growMs: number, readonly maxMs: number }
  readonly random?: () => number
}

/** Proves to masters who this agent is, by CRAM-MD5. */
export interface MasterLogin {
  /** The process of ours that they answer, and the messages that it takes. */
  readonly process: string
  readonly names: readonly string[]
  hear (message: Message, from: Upid): void
  /** Tries once; one that is under way with this leader is waited for. Throws LOGIN_REFUSED, which no other try will change, or LOGIN_FAILED. */
  login (leader: Leader): Promise<void>
  close (): void
}

const processId = 'crammd5-authenticatee(1)'
const mostDoublings = 16

export function createMasterLogin (options: MasterLoginOptions): MasterLogin {
  const { patience: { minMs, growMs, maxMs }, random = Math.random } = options
  let current: UnderWay | undefined
  let vain = 0

  async function tryOnce (attempt: LoginAttempt, { pid }: Leader, link: Link): Promise<void> {
    const ms = Math.round(Math.min(maxMs, minMs + random() * growMs * 2 ** vain))
    using deadline = startDeadline(undefined, ms, () => new AgentError('LOGIN_FAILED', `${pid} did not let us in within ${ms} ms`))
    try {
      attempt.begin()
      await race(attempt.outcome, deadline.signal)
      vain = 0
    } catch (error) {
      vain = Math.min(vain + 1, mostDoublings)
      throw error
    } finally {
      link.close()
      if (current?.attempt === attempt) current = undefined
    }
  }

  return {
    process: processId,
    names: LoginAttempt.names,
    hear (message, from) { current?.attempt.hear(message, from) },
    async login (leader) {
      if (current?.pid === leader.pid) return await current.done
      current?.attempt.fail('another master leads')
      const [attempt, link] = newAttempt(upidOf(leader), options)
      const done = tryOnce(attempt, leader, link)
      current = { attempt, pid: leader.pid, done }
      return await done
    },
    close () { current?.attempt.fail('the agent ends') },
  }
}

interface UnderWay { readonly attempt: LoginAttempt, readonly pid: string, readonly done: Promise<void> }

/** Over a connection of its own, which ends with it. */
function newAttempt (master: Upid, { credential, agent }: MasterLoginOptions): [LoginAttempt, Link] {
  const link = openLink({ from: { ...agent(), id: processId }, to: master, onBroken: cause => { attempt.fail('its connection broke', cause) } })
  const attempt = new LoginAttempt({ master, agent: agent(), credential, send: (message, id) => { link.send(message, id) } })
  return [attempt, link]
}

function upidOf ({ pid }: Leader): Upid {
  const upid = parseUpid(pid)
  if (upid === undefined) throw new AgentError('LOGIN_FAILED', `nobody can be reached at ${pid}`)
  return upid
}

