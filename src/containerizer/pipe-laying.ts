import type { AgentError } from '../model/errors.ts'
import type { PipeInput } from '../pool/jobs.ts'
import type { ContainerizerMetrics } from './metrics.ts'

/** How a pipe is laid. */
export type Laying = Pick<PipeInput, 'isNew' | 'isOver' | 'engineLostAtMs' | 'unreadable'>

/** How a laying was, and ended. */
export interface Laid {
  readonly isOver: boolean
  readonly broke: AgentError | undefined
  readonly wasAttached: boolean
  readonly livedMs: number
  readonly endedAtMs: number
}

/** From the container's first byte on, or from where its log was given up. */
export function isLive ({ isNew, unreadable }: Laying): boolean {
  return isNew || unreadable !== undefined
}

/** One laying of a pipe, counted from when it is attached until it ends. */
export function countedIn (gauge: ContainerizerMetrics['openPipes']): { attach (): void, end (): Pick<Laid, 'wasAttached' | 'livedMs'> } {
  const startedAt = performance.now()
  let wasAttached = false
  return {
    attach () {
      if (!wasAttached) gauge.inc()
      wasAttached = true
    },
    end () {
      if (wasAttached) gauge.dec()
      return { wasAttached, livedMs: performance.now() - startedAt }
    },
  }
}
