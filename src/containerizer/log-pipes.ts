import { backoff } from '../base/backoff.ts'
import { race, settlesWithin } from '../base/deadline.ts'
import { deferred, type Deferred } from '../base/deferred.ts'
import type { Log } from '../base/log.ts'
import { AgentError } from '../model/errors.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'
import type { ContainerizerMetrics } from './metrics.ts'

export interface LogPipesDeps {
  readonly pool: Pool
  readonly socketPath: string
  readonly metrics: ContainerizerMetrics
  readonly log: Log
  /** A pipe has ended: the container may have, too. */
  onEnd (container: Container): void
}

/** A pipe that has lost more workers than this is the cause of it. */
const maxWorkersLost = 3
/** How long a container may take to be known as ended after its pipe has. */
const endMs = 5_000

/** One that has ended has no more to say than what comes at once. */
const promptMs = 300

interface KeepUpOptions { readonly signal: AbortSignal, readonly attached: Deferred<void>, readonly gap: string | undefined }

interface PumpOptions { readonly signal: AbortSignal, readonly gap: string | undefined, onAttached (): void }

/** The pipes from containers' output to their sandboxes. */
export class LogPipes {
  readonly #deps: LogPipesDeps
  readonly #cutters = new Map<string, AbortController>()

  constructor (deps: LogPipesDeps) { this.#deps = deps }

  /** Lays the pipe of a created container; back when it is attached. It ends with the container, or by `cut`. */
  async lay (container: Container, engineId: string, signal: AbortSignal): Promise<void> {
    const attached = deferred()
    attached.promise.catch(() => {})
    const cutter = new AbortController()
    this.#cutters.set(container.id, cutter)
    void this.#keepUp(container, engineId, { signal: cutter.signal, attached, gap: undefined }).finally(() => {
      this.#cutters.delete(container.id)
      container.piped.resolve()
      this.#deps.onEnd(container)
    })
    try {
      await race(attached.promise, signal)
    } catch (error) {
      cutter.abort(error)
      throw error
    }
  }

  /** Lays the pipe of a container that an earlier run of the agent has started. What came in between may be missing, which is marked. */
  async resume (container: Container, engineId: string): Promise<void> {
    const attached = deferred()
    attached.resolve()            // it was, in its time: now it is tried until it is again
    const cutter = new AbortController()
    this.#cutters.set(container.id, cutter)
    const gap = `[slipway] ${new Date().toISOString()} the agent was restarted: output may be missing here`
    void container.ended.promise.then(() => settlesWithin(container.piped.promise, promptMs)).then(() => { this.cut(container) })
    await this.#keepUp(container, engineId, { signal: cutter.signal, attached, gap }).finally(() => {
      this.#cutters.delete(container.id)
      container.piped.resolve()
      this.#deps.onEnd(container)
    })
  }

  /** The agent goes and its containers stay. */
  leave (): void {
    for (const cutter of this.#cutters.values()) cutter.abort(new AgentError('CANCELLED', 'the agent goes, its containers stay'))
  }

  /** Ends the pipe of a container that is gone, or whose launch failed. */
  cut (container: Container): void {
    this.#cutters.get(container.id)?.abort(new AgentError('CANCELLED', 'the container is gone'))
  }

  /** Until the container has ended: a pipe that breaks or ends before it is laid again, and the gap is marked. */
  async #keepUp (container: Container, engineId: string, { signal, attached, ...told }: KeepUpOptions): Promise<void> {
    const { metrics, log } = this.#deps
    const waits = backoff(100, 5_000)
    let { gap } = told
    let workersLost = 0
    for (;;) {
      const broke = await failureOf(this.#pump(container, engineId, { signal, gap, onAttached: attached.resolve }))
      if (broke !== undefined) attached.reject(broke)
      if (signal.aborted || !await succeeds(attached.promise)) return
      this.#deps.onEnd(container)
      // Most often the container has ended too, and that is known in no time.
      if (await settlesWithin(container.ended.promise, broke === undefined ? endMs : waits.next().value)) return
      metrics.pipeFailures.inc()
      if (broke?.code === 'WORKER_DIED') workersLost++
      const canRelay = workersLost <= maxWorkersLost && (broke === undefined || broke.retry)
      log.warn({ containerId: container.id, error: broke, again: canRelay }, 'a log pipe broke; the container goes on')
      if (!canRelay) return
      gap = `[slipway] ${new Date().toISOString()} the log pipe broke here: output may be missing`
    }
  }

  async #pump (container: Container, id: string, { signal, gap, onAttached }: PumpOptions): Promise<void> {
    const { pool, socketPath, metrics } = this.#deps
    if (container.logFiles === undefined) throw new AgentError('INTERNAL', 'no log files: prepare has not run')
    const { stdout, stderr } = container.logFiles
    const bytes = await pool.run('pipe', { socketPath, id, stdout, stderr, gap }, signal, onAttached)
    metrics.logBytes.inc({ stream: 'stdout' }, bytes.stdout)
    metrics.logBytes.inc({ stream: 'stderr' }, bytes.stderr)
  }
}

async function failureOf (work: Promise<unknown>): Promise<AgentError | undefined> {
  return await work.then(() => undefined, (error: unknown) => AgentError.from(error))
}

async function succeeds (work: Promise<unknown>): Promise<boolean> {
  return await failureOf(work) === undefined
}
