import { backoff } from '../base/backoff.ts'
import { delay, startDeadline } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine, EngineEvent, Listed } from '../engine/port.ts'
import { labels } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import type { EngineState } from '../model/inspected.ts'
import type { Container } from './container.ts'
import type { Lanes } from './lanes.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import { destroyPriority } from './removal.ts'

export interface ExitWatchDeps {
  readonly engine: Engine
  readonly lanes: Lanes
  readonly log: Log
  readonly metrics: ContainerizerMetrics
  /** Ours are the containers with this in their label `slipway.agent`. */
  readonly instanceId: string
  readonly pollMs: number
  readonly containers: ReadonlyMap<string, Container>
  /** The engine did, or did not, answer a list. */
  onAnswer (answered: boolean): void
  /** The engine has a container of ours that nobody owns. */
  onOrphan (listed: Listed): void
}

const listMs = 10_000
const alive = new Set<EngineState>(['created', 'running', 'paused', 'restarting'])
const never = new AbortController().signal

/** Notices that containers have ended: the engine's events and ending log pipes as hints, one list of our label every few seconds as the truth. */
export class ExitWatch {
  readonly #deps: ExitWatchDeps
  readonly #looking = new Set<string>()
  readonly #lookAgain = new Set<string>()

  constructor (deps: ExitWatchDeps) { this.#deps = deps }

  /** A hint that this container may have ended. */
  notice (container: Container): void {
    const { id } = container
    if (container.termination !== undefined || (container.state !== 'running' && container.state !== 'stopping')) return
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

  /** One list of our label, and what follows from it. Throws when the engine does not answer. */
  async poll (signal: AbortSignal): Promise<void> {
    const { engine, instanceId, containers, metrics, onOrphan } = this.#deps
    using deadline = startDeadline(signal, listMs, () => new AgentError('STAGE_TIMEOUT', `list took over ${listMs / 1000} s`))
    const known = [...containers.values()]      // one that comes while we ask cannot be missed
    const all = await engine.list(labels.agent, deadline.signal)
    const listed = all.filter(one => one.labels[labels.agent] === instanceId)
    metrics.foreign.set(all.length - listed.length)
    const states = new Map(listed.map(one => [one.labels[labels.container], one.state]))
    for (const container of known) {
      const state = states.get(container.id)
      if (state === undefined || !alive.has(state)) this.notice(container)
    }
    for (const one of listed) if (!containers.has(one.labels[labels.container] ?? '')) onOrphan(one)
  }

  /** Until the signal aborts. */
  async watch (signal: AbortSignal): Promise<void> {
    await Promise.all([this.#pollOn(signal), this.#listen(signal)])
  }

  async #look (container: Container): Promise<void> {
    const { engine, lanes, log } = this.#deps
    try {
      const ticket = { stage: 'inspect', priority: destroyPriority } as const
      const found = await lanes.run(ticket, callSignal => engine.inspect(container.spec.name, callSignal), never)
      if (found === undefined) {
        // One that is being stopped may be removed by our own force.
        const error = container.state === 'stopping' ? undefined : new AgentError('NOT_FOUND', 'the container was removed behind our back')
        container.end({ exitCode: undefined, oomKilled: false, mayStillRun: false, error })
      } else if (!alive.has(found.status)) {
        container.end({ exitCode: found.exitCode, oomKilled: found.oomKilled, mayStillRun: false, error: undefined })
      }
    } catch (error) {
      log.debug({ containerId: container.id, error }, 'could not look at a container; the next poll will')
    }
  }

  async #pollOn (signal: AbortSignal): Promise<void> {
    const { onAnswer, log, pollMs } = this.#deps
    for (; !signal.aborted; await delay(pollMs, signal).catch(() => {})) {
      try {
        await this.poll(signal)
        onAnswer(true)
      } catch (error) {
        if (error === signal.reason) return
        onAnswer(false)
        log.warn({ error }, 'the engine did not list our containers')
      }
    }
  }

  async #listen (signal: AbortSignal): Promise<void> {
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
    }
  }

  #hear ({ action, labels: words }: EngineEvent): void {
    const container = this.#deps.containers.get(words[labels.container] ?? '')
    if (container !== undefined && (action === 'die' || action === 'destroy')) this.notice(container)
  }
}
