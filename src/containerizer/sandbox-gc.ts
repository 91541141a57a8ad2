import { join } from 'node:path'
import { delay } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { FoundSandbox } from '../pool/jobs.ts'
import type { Pool } from '../pool/pool.ts'
import type { ContainerizerMetrics } from './metrics.ts'

export interface SandboxGcDeps {
  readonly pool: Pool
  readonly workDir: string
  readonly delayMs: number
  readonly diskHeadroom: number
  readonly everyMs: number
  readonly log: Log
  readonly metrics: ContainerizerMetrics
  /** Whether there is a container of this id, in whatever state: before its sandbox is made, and until it is confirmed gone. */
  isAlive (containerId: string): boolean
}

/**
 * Removes sandboxes of tasks that have ended when they are too old for a disk as full as it is. The disk itself is the record of what there is, so those
 * of earlier runs are found like all others.
 */
export class SandboxGc {
  readonly #deps: SandboxGcDeps

  constructor (deps: SandboxGcDeps) { this.#deps = deps }

  /** Until the signal aborts. */
  async watch (signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await delay(this.#deps.everyMs, signal).catch(() => {})) {
      await this.round(signal).catch((error: unknown) => {
        if (!signal.aborted) this.#deps.log.warn({ error }, 'sandboxes could not be looked through; trying again')
      })
    }
  }

  async round (signal: AbortSignal): Promise<void> {
    const { pool, workDir, metrics, isAlive } = this.#deps
    const { usedRatio, found } = await pool.run('sandboxes', { workDir }, signal)
    const maxAgeMs = this.#maxAgeMs(usedRatio)
    metrics.tidy.workDirUsed.set(usedRatio)
    metrics.tidy.sandboxMaxAge.set(maxAgeMs / 1000)
    // Looked at after they were found: a container is known before its sandbox is made.
    const ended = found.filter(({ containerId }) => !isAlive(containerId)).sort((a, b) => a.usedAtMs - b.usedAtMs)
    let kept = ended.length
    metrics.tidy.sandboxesKept.set(kept)
    for (const sandbox of ended) {
      if (!sandbox.isDiscarded && Date.now() - sandbox.usedAtMs < maxAgeMs) await this.#tidy(sandbox, signal)
      else if (await this.#discard(sandbox, signal)) metrics.tidy.sandboxesKept.set(--kept)
    }
  }

  /** As Mesos reckons. */
  #maxAgeMs (usedRatio: number): number {
    const { delayMs, diskHeadroom } = this.#deps
    return delayMs * Math.max(0, 1 - diskHeadroom - usedRatio)
  }

  async #discard ({ path, containerId }: FoundSandbox, signal: AbortSignal): Promise<boolean> {
    const { pool, log, metrics } = this.#deps
    try {
      const { entries } = await pool.run('discardSandbox', { path, isTemporary: false }, signal)
      metrics.tidy.sandboxRemovals.inc({ outcome: 'ok' })
      log.info({ containerId, entries }, 'an old sandbox was removed')
      return true
    } catch (error) {
      if (signal.aborted) throw error
      metrics.tidy.sandboxRemovals.inc({ outcome: 'failed' })
      log.warn({ containerId, path, error }, 'an old sandbox could not be removed; trying again')
      return false
    }
  }

  /** What a fetch left that nobody finished: a task that goes on has none. */
  async #tidy ({ path, temporary }: FoundSandbox, signal: AbortSignal): Promise<void> {
    for (const name of temporary) await this.#deps.pool.run('discardSandbox', { path: join(path, name), isTemporary: true }, signal)
  }
}
