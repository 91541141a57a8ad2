import { race, startDeadline, type Deadline } from '../base/deadline.ts'
import { AgentError, messageOf } from '../model/errors.ts'
import type { scheduler, v1 } from '../wire/messages.ts'
import { exitCodes } from './exit-codes.ts'
import { subscribe, type Framework, type FrameworkWish } from './framework.ts'
import { GaveUp, interrupted, notLaunched } from './gave-up.ts'
import { LaunchProgress } from './launch-progress.ts'
import { describe, fits } from './offer-fit.ts'
import { describePorts, placePorts, withPorts } from './port-wish.ts'
import type { Server } from './server.ts'
import type { TaskWish } from './task-info.ts'
import { TaskOutput, type Screen } from './task-output.ts'
import { printable } from './terminal.ts'
import { isOfferGone, isTerminal, verdictOf, type Verdict } from './verdict.ts'

export interface TaskRunOptions {
  readonly screen: Screen
  /** Asks for an end: the task is killed, and its end awaited. */
  readonly stop: AbortSignal
  /** Demands the end at once. */
  readonly leave: AbortSignal
  /** How long to wait for an offer that fits; undefined: for ever. */
  readonly offerTimeoutMs?: number | undefined
  /** The end is that it runs: its output is not followed, and it is left to the agent. */
  readonly detach?: boolean
  /** How long to try to come back to an agent that has gone away; undefined: as long as one that restarts waits for us. */
  readonly returnMs?: number
}

export interface TaskEnd extends Verdict {
  readonly containerId: string | undefined
}

const cannotDetach = '--detach needs an agent of ours that is its own master: in a cluster nobody would hear how the task ends'
const noMoreOffers = { refuse_seconds: 365 * 24 * 3600 }
const nextOffer = { refuse_seconds: 1 }
const sayAfterMs = 3000
/** What an agent that was restarted grants any framework. */
const agentsPatienceMs = 30_000
/** Until the masters of a cluster have a leader again. */
const clustersPatienceMs = 90_000

/** Runs one task to its end, with its output on the screen. Throws where there is no agent, or it goes away. */
export async function runTask (server: Server, wish: TaskWish, options: TaskRunOptions): Promise<TaskEnd> {
  try {
    using life = startDeadline(options.leave, Infinity, interrupted)
    const { detach = false, returnMs = server.leader ? clustersPatienceMs : agentsPatienceMs, stop } = options
    const onLost = (why: Error): void => { options.screen.stderr.write(`slipway: ${printable(why.message)}; trying again for ${returnMs / 1000} s\n`) }
    await using framework = await subscribeUnlessStopped(server, { name: wish.name, detach, returnMs, onLost }, { life, stop })
    using output = new TaskOutput(server, options.screen)
    using progress = new LaunchProgress({ server, taskId: wish.task_id.value, frameworkId: framework.id }, options.screen.stderr)
    using run = new TaskRun({ framework, wish, output, progress }, options)
    for await (const event of framework.events()) {
      const end = await run.hear(event)
      if (end) return end
    }
    throw new Error('events ended without a reason')
  } catch (error) {
    if (error instanceof GaveUp) return { ...error.verdict, containerId: undefined }
    throw error
  }
}

/** A master that takes its time to answer does not keep who wants to leave. */
async function subscribeUnlessStopped (server: Server, wish: FrameworkWish, { life, stop }: { life: Deadline, stop: AbortSignal }): Promise<Framework> {
  const onStop = (): void => { life.abort(interrupted()) }
  stop.addEventListener('abort', onStop, { once: true })
  try {
    return await subscribe(server, wish, life.signal)
  } finally {
    stop.removeEventListener('abort', onStop)
  }
}

/** What is said again by the other side, or by us, when the connection's end has been told by its events. */
function passIfAway (error: unknown): asserts error is AgentError {
  if (!(error instanceof AgentError) || error.code !== 'AGENT_UNREACHABLE') throw error
}

interface TaskRunParts { readonly framework: Framework, readonly wish: TaskWish, readonly output: TaskOutput, readonly progress: LaunchProgress }

class TaskRun implements Disposable {
  readonly #framework: Framework
  readonly #wish: TaskWish
  readonly #output: TaskOutput
  readonly #progress: LaunchProgress
  readonly #options: TaskRunOptions
  readonly #timers: NodeJS.Timeout[] = []
  readonly #onLost = (error: unknown): void => {
    passIfAway(error)
    this.#framework.lose(error)
  }
  readonly #onStop = (): void => { void this.#stop() }
  #agentId: v1.AgentID | undefined
  /** The master has taken the ACCEPT: from here on a KILL cannot overtake it. */
  #isLaunched = false
  #containerId: string | undefined
  #offered: string | undefined
  /** Nobody reads our output any more: nobody is to be told of the kill. */
  #isUnread = false

  constructor ({ framework, wish, output, progress }: TaskRunParts, options: TaskRunOptions) {
    this.#framework = framework
    this.#wish = wish
    this.#output = output
    this.#progress = progress
    this.#options = options
    options.stop.addEventListener('abort', this.#onStop, { once: true })
    if (options.stop.aborted) this.#onStop()
    this.#timers.push(setTimeout(() => { if (!this.#agentId) this.#say(`waiting for an offer that fits; ${this.#needs()}`) }, sayAfterMs))
    if (options.offerTimeoutMs !== undefined) this.#timers.push(setTimeout(() => { this.#giveUpWaiting() }, options.offerTimeoutMs))
  }

  [Symbol.dispose] (): void {
    this.#options.stop.removeEventListener('abort', this.#onStop)
    for (const timer of this.#timers) clearTimeout(timer)
  }

  /** Acts upon one event; answers the end when this was it. */
  async hear (event: scheduler.Event): Promise<TaskEnd | undefined> {
    if (event.error) return this.#end(notLaunched(`the master ended our subscription: ${event.error.message}`))
    if (event.subscribed) await this.#comeBack()
    if (event.offers) await this.#choose(event.offers.offers ?? [])
    if (event.update) return await this.#follow(event.update.status)
    return undefined
  }

  /** The agent has been away: whether it knows of the task is to be told, and what did not reach it is said again. */
  async #comeBack (): Promise<void> {
    this.#say(`the ${this.#output.isElsewhere ? 'master' : 'agent'} is back`)
    if (!this.#agentId) return
    this.#output.comeBack()
    this.#isLaunched = true
    await this.#framework.send({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: this.#wish.task_id, agent_id: this.#agentId }] } }).catch(this.#onLost)
    if (this.#options.stop.aborted) await this.#kill()
  }

  async #choose (offers: readonly v1.Offer[]): Promise<void> {
    const chosen = this.#agentId || this.#options.stop.aborted ? undefined : offers.find(offer => this.#fits(offer))
    const offered = offers.map(offer => describe(offer.resources)).join('; ')
    if (!chosen && offered) this.#offered = offered
    const others = offers.filter(offer => offer !== chosen).map(offer => offer.id)
    if (chosen) await this.#launch(chosen)
    const filters = this.#agentId ? noMoreOffers : nextOffer
    if (others.length > 0) await this.#framework.send({ type: 'DECLINE', decline: { offer_ids: others, filters } }).catch(passIfAway)
  }

  #fits (offer: v1.Offer): boolean {
    return fits(this.#wish.resources ?? [], offer) && placePorts(this.#wish.wishedPorts, offer) !== undefined
  }

  async #launch (offer: v1.Offer): Promise<void> {
    const isElsewhere = this.#output.settle(offer, this.#framework, this.#wish.task_id)
    if (isElsewhere && this.#options.detach) throw new GaveUp(notLaunched(cannotDetach))
    this.#agentId = offer.agent_id
    const task: v1.TaskInfo = { ...withPorts(this.#wish, offer), agent_id: offer.agent_id }
    const operation = { type: 'LAUNCH', launch: { task_infos: [task] } } as const satisfies v1.Offer_Operation
    await this.#framework.send({ type: 'ACCEPT', accept: { offer_ids: [offer.id], operations: [operation], filters: noMoreOffers } }).catch(this.#onLost)
    this.#isLaunched = true
    if (!isElsewhere) this.#progress.start()
    await this.#framework.send({ type: 'SUPPRESS' }).catch(() => {})
    if (this.#options.stop.aborted) await this.#kill()
  }

  async #follow (status: v1.TaskStatus): Promise<TaskEnd | undefined> {
    if (status.task_id.value !== this.#wish.task_id.value) return undefined
    this.#show(status)
    await this.#acknowledge(status)
    if (isOfferGone(status) && !this.#options.stop.aborted) return await this.#again()
    if (status.state === 'TASK_RUNNING' && this.#options.detach && !this.#options.stop.aborted) return this.#leave()
    if (!isTerminal(status)) return undefined
    const troubles = await race(this.#output.finish(), this.#options.leave)
    const verdict = verdictOf(status)
    // What never ran has no output to miss.
    if (verdict.exitCode !== exitCodes.notLaunched.code) for (const trouble of troubles) this.#say(trouble)
    if (this.#isUnread) return this.#end({ ...verdict, told: undefined })
    const isOurDoing = this.#options.stop.aborted && verdict.exitCode === exitCodes.notLaunched.code
    return this.#end(isOurDoing ? { exitCode: exitCodes.interrupted.code, told: 'interrupted before the task ran' } : verdict)
  }

  #leave (): TaskEnd {
    this.#framework.leave()
    return this.#end({ exitCode: exitCodes.ok.code, told: undefined })
  }

  #show (status: v1.TaskStatus): void {
    if (status.state === 'TASK_RUNNING' || isTerminal(status)) this.#progress.end()
    this.#containerId ??= status.container_status?.container_id?.value
    if (this.#options.detach || (this.#containerId === undefined && !this.#output.isElsewhere)) return
    this.#output.follow(this.#containerId ?? '', { onBytes: () => { this.#progress.end() }, onClosed: () => { this.#unread() } })
  }

  async #acknowledge ({ agent_id, task_id, uuid }: v1.TaskStatus): Promise<void> {
    if (uuid && agent_id) await this.#framework.send({ type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } }).catch(passIfAway)
  }

  async #again (): Promise<undefined> {
    this.#agentId = undefined
    this.#isLaunched = false
    await this.#framework.send({ type: 'REVIVE' }).catch(this.#onLost)
  }

  async #stop (): Promise<void> {
    this.#progress.end()
    if (this.#agentId) {
      if (this.#progress.isShown) this.#say('killing the task; Ctrl-C again leaves at once')
      await this.#kill()
    }
    else this.#framework.close(interrupted())
  }

  async #kill (): Promise<void> {
    if (!this.#agentId || !this.#isLaunched) return
    try {
      await this.#framework.send({ type: 'KILL', kill: { task_id: this.#wish.task_id, agent_id: this.#agentId } })
    } catch (error) {
      this.#say(`the kill did not reach the agent: ${messageOf(error)}`)
    }
  }

  #unread (): void {
    this.#isUnread = true
    void this.#kill()
  }

  #giveUpWaiting (): void {
    if (this.#agentId) return
    this.#framework.close(new GaveUp(notLaunched(`no offer fits; ${this.#needs()}`)))
  }

  #needs (): string {
    return `asked for ${describe(this.#wish.resources)}${describePorts(this.#wish.wishedPorts)}, offered ${this.#offered ?? 'nothing so far'}`
  }

  #say (text: string): void {
    this.#progress.clear()
    this.#options.screen.stderr.write(`slipway: ${printable(text)}\n`)
  }

  #end (verdict: Verdict): TaskEnd { return { ...verdict, containerId: this.#containerId } }
}
