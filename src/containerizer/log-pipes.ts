import { race } from '../base/deadline.ts'
import { deferred } from '../base/deferred.ts'
import type { Log } from '../base/log.ts'
import { AgentError } from '../model/errors.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'
import type { ContainerizerMetrics } from './metrics.ts'

export interface LogPipes {
  /** Lays the pipe from the container's output to its sandbox; back when it is attached. It ends with the container, or by `cut`. */
  lay (container: Container, engineId: string, signal: AbortSignal): Promise<void>
  /** Ends the pipe of a container that is gone, or whose launch failed. */
  cut (container: Container): void
}

export function logPipes (deps: { pool: Pool, socketPath: string, metrics: ContainerizerMetrics, log: Log, onEnd (container: Container): void }): LogPipes {
  const { pool, socketPath, metrics, log } = deps
  const cutters = new Map<string, AbortController>()

  async function pump (container: Container, id: string, cutter: AbortController, onAttached: () => void): Promise<void> {
    const { stdout, stderr } = container.logFiles ?? missingFiles()
    try {
      const bytes = await pool.run('pipe', { socketPath, id, stdoutPath: stdout.path, stderrPath: stderr.path }, cutter.signal, onAttached)
      metrics.logBytes.inc({ stream: 'stdout' }, bytes.stdout)
      metrics.logBytes.inc({ stream: 'stderr' }, bytes.stderr)
    } finally {
      cutters.delete(container.id)
      container.piped.resolve()
    }
  }

  return {
    async lay (container, engineId, signal) {
      const attached = deferred()
      const cutter = new AbortController()
      cutters.set(container.id, cutter)
      const pumped = pump(container, engineId, cutter, attached.resolve)
      pumped.then(() => { deps.onEnd(container) }, (error: unknown) => {
        attached.reject(error)
        if (cutter.signal.aborted) return
        metrics.pipeFailures.inc()
        log.warn({ containerId: container.id, error }, 'a log pipe broke; the container goes on')
        deps.onEnd(container)
      })
      try {
        await race(attached.promise, signal)
      } catch (error) {
        cutter.abort(error)
        throw error
      }
    },
    cut (container) {
      cutters.get(container.id)?.abort(new AgentError('CANCELLED', 'the container is gone'))
    },
  }
}

function missingFiles (): never {
  throw new AgentError('INTERNAL', 'no log files: prepare has not run')
}
