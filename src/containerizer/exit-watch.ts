import { backoff } from '../base/backoff.ts'
import { delay, startDeadline } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine, EngineEvent, Listed } from '../engine/port.ts'
import { labels } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import type { EngineState, Inspected } from '../model/inspected.ts'
import type { Container } from './container.ts'
import type { EngineWatch } from './engine-watch.ts'
import type { Lanes } from './lanes.ts'
import { hasLostStatus, lostStatus, rebootedUnder, unknownStatus, type End } from './lost-status.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import { destroyPriority } from './removal.ts'

export interface ExitWatchDeps {
  readonly engine: Engine
  readonly socketPath: string
  readonly lanes: Lanes
  readonly log: Log
  readonly metrics: ContainerizerMetrics
  /** Ours are the containers with this in their label `slipway.agent`. */
  readonly instanceId: string
  readonly pollMs: number
  readonly containers: ReadonlyMap<string, Container>
  readonly engineWatch: EngineWatch
  /** The engine has listed all that is ours: by the container's id. */
  onList (found: ReadonlyMap<string, Listed>): void
  /** The engine has a container of ours that nobody owns. */
  onOrphan (listed: Listed): void
}

const listMs = 10_000
/** A list of a thousand containers costs the engine and us what a list of ten does not: it rests so many times as long as it took, in bounds. */
const restFactor = 60
const longestRest = 4
/** The kernel's word that memory was out reaches the engine after the end itself, at times. */
const lateWordMs = 300
const killedStatus = 137
const alive = new Set<EngineState>(['created', 'running', 'paused', 'restarting'])
const never = new AbortController().signal

/** Notices that containers have ended: the engine's events and ending log pipes as hints, one list of our label every few seconds as the truth. */
export class ExitWatch {
  readonly #deps: ExitWatchDeps
  readonly #looking = new Set<string>()
  readonly #lookAgain = new Set<string>()
  /** Looks that the engine did not answer: for these the next list's word must do. */
  readonly #unanswered = new WeakSet<Container>()

  /** Of these something was heard while they were being launched. */
  readonly #heardOf = new WeakSet<Container>()
  #eventsLostAtMs = 0

  constructor (deps: ExitWatchDeps) { this.#deps = deps }

  /** Whether the engine broke off its events then, or since: it does not do so while it lives. */
  lostSince (ms: number): boolean { return this.#eventsLostAtMs >= ms }

  /** A hint that this container may have ended. */
  notice (container: Container): void {
    const { id } = container
    if (!isUp(container)) {
      this.#heardOf.add(container)
      return
    }
    if (this.#looking.has(id)) {
      this.#lookAgain.add(id)
      return
    }
    this.#looking.add(id)
    void this.#look(container).finally(() => {
      this.#looking.delete(id)
      if (this.#lookAgain.delete(id)) this.notice(container)
    })
  }

  /** It has come up, and may have ended before anybody watched: another look only where the one that followed its start does not tell. */
  cameUp (container: Container): void {
    const { inspected } = container
    const hasEnded = inspected !== undefined && !alive.has(inspected.status)
    if (hasEnded && !isUnexplained(container, inspected)) this.#conclude(container, inspected)
    else if (hasEnded || inspected === undefined || this.#heardOf.has(container)) this.notice(container)
  }

  /** One list of our label, and what follows from it. Throws when the engine does not answer. */
  async poll (signal: AbortSignal): Promise<void> {
    const { instanceId, containers, metrics, onOrphan, onList } = this.#deps
    using deadline = startDeadline(signal, listMs, () => new AgentError('STAGE_TIMEOUT', `list took over ${listMs / 1000} s`))
    const known = [...containers.values()].filter(isUp)      // one that comes while we ask cannot be missed
    const owned = new Set(containers.keys())      // one that goes while we ask is not nobody's
    const all = await this.#list(deadline.signal)
    const listed = all.filter(one => one.labels[labels.agent] === instanceId)
    metrics.foreign.set(all.length - listed.length)
    const found = new Map(listed.map(one => [one.labels[labels.container] ?? '', one]))
    onList(found)
    for (const container of known) {
      const one = found.get(container.id)
      if (one !== undefined && alive.has(one.state)) continue
      if (this.#unanswered.has(container)) this.#conclude(container, one && { ...one, oomKilled: false })
      else this.notice(container)
    }
    for (const id of containers.keys()) owned.add(id)
    for (const one of listed) if (!owned.has(one.labels[labels.container] ?? '')) onOrphan(one)
  }

  async #list (signal: AbortSignal): Promise<Listed[]> {
    const { engine, engineWatch } = this.#deps
    try {
      const all = await engine.list(labels.agent, signal)
      engineWatch.listed(undefined)
      return all
    } catch (error) {
      engineWatch.listed(error)
      throw error
    }
  }

  async #look (container: Container): Promise<void> {
    const { engine, lanes, log } = this.#deps
    try {
      const ticket = { stage: 'inspect', priority: destroyPriority } as const
      const look = (): Promise<Inspected | undefined> => lanes.run(ticket, callSignal => engine.inspect(container.spec.name, callSignal), never)
      let found = await look()
      if (found !== undefined && isUnexplained(container, found)) {
        await delay(lateWordMs)
        found = await look().catch(() => undefined) ?? found
      }
      this.#unanswered.delete(container)
      if (found === undefined || !alive.has(found.status)) this.#conclude(container, found)
    } catch (error) {
      this.#unanswered.add(container)
      log.debug({ containerId: container.id, error }, 'could not look at a container; the next poll will')
    }
  }

  #conclude (container: Container, end: (End & { readonly oomKilled: boolean }) | undefined): void {
    if (end?.exitCode !== unknownStatus) return conclude(container, end)
    if (rebootedUnder(container) !== undefined) return conclude(container, end, true)
    const { engine, socketPath } = this.#deps
    void hasLostStatus(end, engine, socketPath).catch(() => false).then(isLost => { conclude(container, end, isLost) })        // it has to end
  }

  /** Until the signal aborts. */
  async pollOn (signal: AbortSignal): Promise<void> {
    const { engineWatch, log, pollMs } = this.#deps
    for (let restMs = pollMs; !signal.aborted; await delay(restMs, signal).catch(() => {})) {
      try {
        await engineWatch.untilItAnswers(signal)      // no pile of lists before an engine that hangs
        const askedAtMs = performance.now()
        await this.poll(signal)
        restMs = Math.max(pollMs, Math.min(restFactor * (performance.now() - askedAtMs), longestRest * pollMs))
      } catch (error) {
        if (error === signal.reason) return
        log.warn({ error }, 'the engine did not list our containers')
      }
    }
  }

  /** Until the signal aborts. */
  async listen (signal: AbortSignal): Promise<void> {
    const { engine, log, instanceId } = this.#deps
    for (let waits = backoff(100, 5_000); !signal.aborted; await delay(waits.next().value, signal).catch(() => {})) {
      try {
        for await (const event of engine.events(`${labels.agent}=${instanceId}`, signal)) {
          waits = backoff(100, 5_000)
          this.#hear(event)
        }
      } catch (error) {
        log.debug({ error }, 'the event stream ended')
      }
      this.#eventsLostAtMs = Date.now()
    }
  }

  #hear ({ labels: words }: EngineEvent): void {
    const container = this.#deps.containers.get(words[labels.container] ?? '')
    if (container !== undefined) this.notice(container)
  }
}

/** A launch that is being undone is the undo's alone to end. */
function isUp ({ hasComeUp, termination }: Container): boolean {
  return hasComeUp && termination === undefined
}

/** Killed, by nobody known: perhaps for want of memory. */
function isUnexplained ({ state }: Container, { exitCode, oomKilled }: Inspected): boolean {
  return exitCode === killedStatus && !oomKilled && state !== 'stopping'
}

function removed (): AgentError {
  return new AgentError('NOT_FOUND', 'the container was removed behind our back')
}

/** It does not run: what the engine knows of its end, or undefined where it knows nothing of it any more. */
function conclude (container: Container, end: Pick<Inspected, 'oomKilled'> & Pick<End, 'exitCode'> | undefined, isStatusLost = false): void {
  // One that is being stopped may be removed by our own force.
  const isLost = end === undefined && container.state !== 'stopping'
  const error = isStatusLost ? lostStatus(container) : isLost ? rebootedUnder(container) ?? removed() : undefined
  container.end({ exitCode: isStatusLost ? undefined : end?.exitCode, oomKilled: end?.oomKilled ?? false, mayStillRun: false, error })
}
