import { backoff } from '../base/backoff.ts'
import { delay, startDeadline } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine, Listed } from '../engine/port.ts'
import { labels } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import type { Container } from './container.ts'
import type { Lanes } from './lanes.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import { destroyPriority } from './removal.ts'

export interface ExitDeps {
  readonly engine: Engine
  readonly lanes: Lanes
  readonly log: Log
  readonly metrics: ContainerizerMetrics
  readonly label: string
  readonly pollMs: number
  readonly containers: ReadonlyMap<string, Container>
  /** The engine has a container of ours that nobody owns. */
  onOrphan (listed: Listed): void
}

export interface Exits {
  /** A hint that this container may have ended. */
  notice (container: Container): void
  /** One list of our label, and what follows from it. Throws when the engine does not answer. */
  poll (signal: AbortSignal): Promise<void>
  /** Events as hints, the list as truth, until the signal aborts. */
  watch (signal: AbortSignal): Promise<void>
}

const listMs = 10_000
const alive = new Set<Listed['state']>(['created', 'running', 'paused', 'restarting'])

export function watchExits (deps: ExitDeps): Exits {
  const { engine, lanes, log, metrics, containers } = deps
  const looking = new Set<string>()
  const lookAgain = new Set<string>()

  async function look (container: Container, signal: AbortSignal): Promise<void> {
    const found = await lanes.run({ stage: 'inspect', priority: destroyPriority }, callSignal => engine.inspect(container.spec.name, callSignal), signal)
    if (found === undefined) {
      container.end({ exitCode: undefined, oomKilled: false, mayStillRun: false, error: new AgentError('NOT_FOUND', 'the container was removed behind our back') })
    } else if (!found.running && !alive.has(found.status)) {
      container.end({ exitCode: found.exitCode, oomKilled: found.oomKilled, mayStillRun: false, error: undefined })
    }
  }

  function notice (container: Container): void {
    if (container.termination !== undefined || (container.state !== 'running' && container.state !== 'stopping')) return
    if (looking.has(container.id)) return void lookAgain.add(container.id)
    looking.add(container.id)
    look(container, new AbortController().signal)
      .catch((error: unknown) => { log.debug({ containerId: container.id, error }, 'could not look at a container; the next poll will') })
      .finally(() => {
        looking.delete(container.id)
        if (lookAgain.delete(container.id)) notice(container)
      })
  }

  async function poll (signal: AbortSignal): Promise<void> {
    using deadline = startDeadline(signal, listMs, () => new AgentError('STAGE_TIMEOUT', `list took over ${listMs / 1000} s`))
    const askedAt = new Set(containers.keys())
    const listed = await engine.list(deps.label, deadline.signal)
    const states = new Map(listed.map(one => [one.labels[labels.container], one.state]))
    for (const container of containers.values()) {
      const state = states.get(container.id)
      // One that we took on after we asked cannot be missed.
      if (askedAt.has(container.id) && (state === undefined || !alive.has(state))) notice(container)
    }
    for (const one of listed) if (!containers.has(one.labels[labels.container] ?? '')) deps.onOrphan(one)
  }

  async function pollForEver (signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await poll(signal).then(() => { metrics.engineAnswered(true) }, (error: unknown) => {
        if (signal.aborted) return
        metrics.engineAnswered(false)
        log.warn({ error }, 'the engine did not list our containers')
      })
      await delay(deps.pollMs, signal).catch(() => {})
    }
  }

  async function listen (signal: AbortSignal): Promise<void> {
    for (let waits = backoff(100, 5_000); !signal.aborted; await delay(waits.next().value, signal).catch(() => {})) {
      try {
        for await (const event of engine.events(deps.label, signal)) {
          waits = backoff(100, 5_000)
          const container = containers.get(event.labels[labels.container] ?? '')
          if (container !== undefined && (event.action === 'die' || event.action === 'destroy')) notice(container)
        }
      } catch (error) {
        if (!signal.aborted) log.debug({ error }, 'the event stream ended; opening another')
      }
    }
  }

  return {
    notice,
    poll,
    async watch (signal) { await Promise.all([pollForEver(signal), listen(signal)]) },
  }
}
