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

/** What has been found out since it ended. */
interface Found { readonly engineLost: boolean, readonly unreadable: string | undefined }

/** What a laying was to tell that did not come about is still to be told. */
export function layingAfter (before: Laying, { wasAttached, endedAtMs }: Laid, now: Found): Laying {
  const pending = wasAttached ? undefined : before
  const lostAtMs = now.engineLost ? endedAtMs : undefined
  return { isNew: false, engineLostAtMs: pending?.engineLostAtMs ?? lostAtMs, unreadable: now.unreadable ?? pending?.unreadable }
}

/** One laying of a pipe: it counts from when it is attached until it ends. */
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
