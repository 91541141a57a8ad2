import { race } from '../base/deadline.ts'
import { deferred } from '../base/deferred.ts'
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

/** A pipe that was lost with its worker is laid again; one that is lost this often loses workers by itself. */
const maxRelays = 3

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
    void this.#keepUp(container, engineId, cutter.signal, attached).finally(() => {
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

  /** Ends the pipe of a container that is gone, or whose launch failed. */
  cut (container: Container): void {
    this.#cutters.get(container.id)?.abort(new AgentError('CANCELLED', 'the container is gone'))
  }

  async #keepUp (container: Container, engineId: string, signal: AbortSignal, attached: { resolve (): void, reject (reason: unknown): void }): Promise<void> {
    const { metrics, log } = this.#deps
    let gap: string | undefined
    for (let relays = 0; ; relays++) {
      try {
        await this.#pump(container, engineId, { signal, gap, onAttached: attached.resolve })
        return
      } catch (error) {
        attached.reject(error)
        if (signal.aborted) return
        metrics.pipeFailures.inc()
        const canRelay = error instanceof AgentError && error.code === 'WORKER_DIED' && relays < maxRelays && container.termination === undefined
        log.warn({ containerId: container.id, error, again: canRelay }, 'a log pipe broke; the container goes on')
        if (!canRelay) return
        gap = `[slipway] ${new Date().toISOString()} the log pipe broke here: output may be missing`
      }
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
