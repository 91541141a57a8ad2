import { delay } from '../../../src/base/deadline.ts'
import { deferred, type Deferred } from '../../../src/base/deferred.ts'
import type { Disruption } from './outlet.ts'
import type { CallName } from './call-names.ts'
import { frame } from './output.ts'

/**
 * refuse: a no in the engine's form, without doing anything, or with `when: 'after'` in spite of having done it.
 * hang: accepts and does nothing until released, then goes on, client or not; with `when: 'after'` it does the work and hangs then.
 * drop: breaks the connection without an answer, before the work or after it.
 * late: waits `ms`, then does the work and answers, client or not; with `when: 'after'` it does the work at once and answers late.
 * error-in-stream: after `afterWrites` lines, or entries of a log, of a 200 answer comes an error in the call's own form, and the end.
 * cut: after `afterWrites` writes of a stream's body the connection breaks; an answer that is no stream breaks in the middle.
 * stall: after `afterWrites` writes of a stream nothing comes until released.
 * crash: kills the process `pid`, before the call is read, after its work and without an answer, or with `when: 'answered'` a moment after that.
 */
export const faultKinds = ['refuse', 'hang', 'drop', 'late', 'error-in-stream', 'cut', 'stall', 'crash'] as const
export type FaultKind = typeof faultKinds[number]

export interface FaultOptions {
  /** How many calls it strikes; all of them otherwise, until `mend`. */
  readonly times?: number
  /** How many calls it lets pass first. */
  readonly skip?: number
  /** late: how much. */
  readonly ms?: number
  /** Strikes only calls whose subject (container name, image) contains this. */
  readonly match?: string
  readonly when?: 'before' | 'after' | 'answered'
  /** crash. */
  readonly pid?: number
  readonly afterWrites?: number
  /** refuse. */
  readonly status?: number
  /** refuse, error-in-stream. */
  readonly message?: string
}

export interface Fault extends FaultOptions { readonly call: CallName, readonly how: FaultKind }

const answeredMs = 2

/** Thrown where a fault says that there is no answer but a broken connection. */
export class Dropped extends Error {}

/** What a call has met. What lets go of those that hang lets go of it, even where it comes to hang only then. */
export interface Struck extends Fault { readonly released: Promise<void> }

export class Faults {
  readonly #rules: { fault: Fault, left: number, toSkip: number }[] = []
  #release: Deferred<void> = deferred()

  add (fault: Fault): void { this.#rules.push({ fault, left: fault.times ?? Infinity, toSkip: fault.skip ?? 0 }) }

  mend (): void { this.#rules.length = 0 }

  /** Lets go what hangs and stalls, or is about to; calls that come later meet the rules that still stand. */
  release (): void {
    this.#release.resolve()
    this.#release = deferred()
  }

  /** The oldest rule that fits; counts it as used. */
  take (call: CallName, subject: string): Struck | undefined {
    const rule = this.#rules.find(({ fault, left }) => left > 0 && fault.call === call && subject.includes(fault.match ?? ''))
    if (rule === undefined || rule.toSkip-- > 0) return undefined
    rule.left--
    return { ...rule.fault, released: this.#release.promise }
  }

  /** Once the answer is on its way. A moment later whoever asked has it, and goes on with it. */
  async strikeAnswered (fault: Fault | undefined): Promise<void> {
    if (fault?.how !== 'crash' || fault.when !== 'answered') return
    await delay(answeredMs)
    crash(fault)
  }

  /** Before the work of a call, and again after it. */
  async strike (fault: Struck | undefined, when: 'before' | 'after'): Promise<{ status: number, message: string } | undefined> {
    if (!fault || (fault.when ?? 'before') !== when) return undefined
    switch (fault.how) {
      case 'refuse': return { status: fault.status ?? 500, message: fault.message ?? 'the simulated engine was told to refuse' }
      case 'hang': await fault.released; return undefined
      case 'drop': throw new Dropped()
      case 'late': await delay(fault.ms ?? 100); return undefined
      case 'crash': crash(fault); throw new Dropped()
      case 'error-in-stream': case 'cut': case 'stall': return undefined
    }
  }

  disruption (fault: Struck | undefined): Disruption | undefined {
    const strike = fault && this.#streamStrike(fault)
    return strike && { afterWrites: fault.afterWrites ?? 1, strike }
  }

  #streamStrike ({ call, how, released, message = 'unexpected EOF' }: Struck): Disruption['strike'] | undefined {
    if (how === 'cut') return outlet => { outlet.cut(); return Promise.resolve() }
    if (how === 'stall') return outlet => Promise.race([released, outlet.closed()])
    if (how === 'error-in-stream') return outlet => { outlet.finishWith(lastWords(call, message)); return Promise.resolve() }
    return undefined
  }
}

function lastWords (call: CallName, message: string): Buffer | string {
  return call === 'logs' ? frame(3, Buffer.from(`Error grabbing logs: ${message}\n`)) : `${JSON.stringify({ errorDetail: { message }, error: message })}\r\n`
}

function crash ({ pid }: Fault): void {
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
}
