import PQueue from 'p-queue'
import { backoff } from '../base/backoff.ts'
import { settlesWithin } from '../base/deadline.ts'
import { deferred } from '../base/deferred.ts'
import type { Log } from '../base/log.ts'
import { AgentError } from '../model/errors.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'
import type { Lanes } from './lanes.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import { destroyPriority } from './removal.ts'

export interface KernelSignalsDeps {
  readonly pool: Pool
  readonly lanes: Lanes
  readonly log: Log
  readonly metrics: ContainerizerMetrics
  /** A hint that a container has ended: the engine may know its exit status. */
  notice (container: Container): void
  readonly closing: AbortSignal
}

export type StopSignal = 'SIGTERM' | 'SIGKILL'

/** The worker answers in a fraction of it, unless it has something better to do; the engine can be asked as well. */
const workerMs = 100
/** How long the engine may take to tell the exit status of a container whose processes are gone. */
const statusMs = 2_000
/** So many containers an engine that is well has to see ending at once through us: Docker 20.10 can lock up for good when a hundred do. */
const endsAtOnce = 8
/** No longer than this others wait for such an end: an engine that hangs, and is not known to yet, tells of none. */
const turnMs = 250

/** The way to a container's processes that does not lead through the engine. */
export class KernelSignals {
  readonly #deps: KernelSignalsDeps
  readonly #followed = new WeakSet<Container>()
  readonly #turns = new PQueue({ concurrency: endsAtOnce })

  constructor (deps: KernelSignalsDeps) { this.#deps = deps }

  /** SIGTERM for a container of an engine that is well; its end is the engine's to tell. Whether it was sent, soon. */
  async terminate (container: Container): Promise<boolean> {
    if (container.inspected?.pid === undefined) return false         // not known to have come up: it is the engine that has it in its hands
    const asked = this.#ask(container, 'SIGTERM').then(() => true, () => false)
    return await Promise.race([asked, settlesWithin(asked, workerMs).then(() => false)])
  }

  /** Whether it was sent past an engine that does not do it: that takes root, and a container whose cgroups can be found. */
  async signal (container: Container, unixSignal: StopSignal): Promise<boolean> {
    const { log, metrics } = this.#deps
    try {
      await this.#ask(container, unixSignal)
    } catch (error) {
      log.debug({ containerId: container.id, error }, `${unixSignal} could not be sent past the engine`)
      return false
    }
    metrics.engine.kernelSignals.inc({ signal: unixSignal })
    log.info({ containerId: container.id }, `${unixSignal} was sent past the engine`)
    return true
  }

  /** The same, and its end is watched from then on. */
  async send (container: Container, unixSignal: StopSignal): Promise<boolean> {
    const isSent = await this.signal(container, unixSignal)
    if (isSent && !this.#followed.has(container)) void this.#follow(container)
    return isSent
  }

  /** SIGKILL, past an engine that is only slow: in turns, so that not all containers of a host end in one moment. */
  async killInTurn (container: Container): Promise<boolean> {
    return await this.#inTurn(container, () => this.send(container, 'SIGKILL'))
  }

  /** The same for one whose launch is undone: of its end its removal tells. */
  async condemnInTurn (container: Container): Promise<boolean> {
    return await this.#inTurn(container, () => this.signal(container, 'SIGKILL'))
  }

  async #inTurn (container: Container, kill: () => Promise<boolean>): Promise<boolean> {
    const isSent = deferred<boolean>()
    void this.#turns.add(async () => {
      isSent.resolve(container.termination !== undefined || await kill())
      if (await isSent.promise) await settlesWithin(container.ended.promise, turnMs)
    })
    return await isSent.promise
  }

  /** Whether it was sent a signal this way before: the engine did not answer then. */
  follows (container: Container): boolean { return this.#followed.has(container) }

  /** Until it has ended: no processes, no container, whatever an engine that does not answer would say. */
  async #follow (container: Container): Promise<void> {
    this.#followed.add(container)
    for (const waitMs of backoff(25, 500)) {
      if (this.#deps.closing.aborted || await settlesWithin(container.ended.promise, waitMs)) return
      if (await this.#isEmpty(container)) break
    }
    this.#deps.notice(container)
    if (await settlesWithin(container.ended.promise, statusMs)) return
    container.end({ exitCode: undefined, oomKilled: false, error: undefined, mayStillRun: false, isPastEngine: true })
  }

  /** Its cgroups were there before; that they are gone means the same. */
  async #isEmpty (container: Container): Promise<boolean> {
    try {
      return await this.#ask(container, undefined) === 0
    } catch (error) {
      return AgentError.from(error).code === 'NOT_FOUND'
    }
  }

  async #ask ({ engineId = '', inspected }: Container, signal: StopSignal | undefined): Promise<number> {
    const { lanes, pool, closing } = this.#deps
    const input = { engineId, pid: inspected?.pid, signal }
    const { processes } = await lanes.run({ stage: 'signal', priority: destroyPriority }, callSignal => pool.run('signal', input, callSignal), closing)
    return processes
  }
}
