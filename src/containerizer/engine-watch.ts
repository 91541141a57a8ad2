import { delay, race, settlesWithin, startDeadline } from '../base/deadline.ts'
import { deferred, type Deferred } from '../base/deferred.ts'
import type { Log } from '../base/log.ts'
import type { Engine } from '../engine/port.ts'
import type { EngineCondition } from '../model/engine-condition.ts'
import { AgentError } from '../model/errors.ts'

export interface EngineWatchDeps {
  readonly engine: Pick<Engine, 'ping'>
  readonly log: Log
  /** `trouble`: why it is not up. */
  onChange (condition: EngineCondition, trouble: AgentError | undefined): void
}

/** What the engine was asked, and what it said last: undefined is well. */
const asked = ['ping', 'list'] as const
type Asked = typeof asked[number]

const everyMs = 2_000
/** A ping costs the engine nothing. One that takes longer is not given up: when it is answered, the engine is back. */
const answerMs = 3_000
const giveUpMs = 30_000

/** Knows within seconds whether the engine answers, by a ping that takes no lock in it and by the lists that are made anyway. */
export class EngineWatch {
  readonly #deps: EngineWatchDeps
  readonly #trouble = new Map<Asked, AgentError>()
  #condition: EngineCondition = 'up'
  #change: Deferred<void> = deferred()

  constructor (deps: EngineWatchDeps) { this.#deps = deps }

  get condition (): EngineCondition { return this.#condition }
  get isUp (): boolean { return this.#condition === 'up' }

  /** Until the signal aborts. */
  async watch (signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await delay(everyMs, signal).catch(() => {})) await this.#ping(signal)
  }

  /** How a list went: an engine may answer pings and nothing else. */
  listed (error: unknown): void { this.#learn('list', error) }

  /** Back when pings are answered: whoever asks for more then is not asking in vain. Throws the signal's reason. */
  async untilItAnswers (signal: AbortSignal): Promise<void> {
    while (this.#trouble.has('ping')) await race(this.#change.promise, signal)
  }

  /** Back when all is well. Throws the signal's reason. */
  async untilUp (signal: AbortSignal): Promise<void> {
    while (!this.isUp) await race(this.#change.promise, signal)
  }

  async #ping (signal: AbortSignal): Promise<void> {
    using deadline = startDeadline(signal, giveUpMs, () => new AgentError('STAGE_TIMEOUT', `no ping was answered for ${giveUpMs / 1000} s`))
    try {
      const answer = this.#deps.engine.ping(deadline.signal)
      const isInTime = await settlesWithin(answer, answerMs)
      if (!isInTime) this.#learn('ping', new AgentError('STAGE_TIMEOUT', `no ping was answered for ${answerMs / 1000} s`))
      await answer
      this.#learn('ping', undefined)
    } catch (error) {
      if (!signal.aborted) this.#learn('ping', error)
    }
  }

  #learn (what: Asked, error: unknown): void {
    const wasKnown = this.#trouble.has(what)
    if (error === undefined) this.#trouble.delete(what)
    else this.#trouble.set(what, AgentError.from(error))
    const before = this.#condition
    const trouble = asked.map(one => this.#trouble.get(one)).find(one => one !== undefined)
    this.#condition = conditionOf(trouble)
    if (this.#condition !== before) this.#tell(before, trouble)
    if (wasKnown === (error !== undefined) && this.#condition === before) return
    this.#change.resolve()
    this.#change = deferred()
  }

  #tell (before: EngineCondition, trouble: AgentError | undefined): void {
    const { log, onChange } = this.#deps
    if (trouble === undefined) log.info({ before }, 'the engine answers again')
    else log.warn({ condition: this.#condition, error: trouble }, 'the engine is in trouble: launches wait, kills go past it')
    onChange(this.#condition, trouble)
  }
}

function conditionOf (trouble: AgentError | undefined): EngineCondition {
  if (trouble === undefined) return 'up'
  if (trouble.code === 'ENGINE_DOWN') return 'down'
  return trouble.code === 'STAGE_TIMEOUT' ? 'hung' : 'failing'
}
