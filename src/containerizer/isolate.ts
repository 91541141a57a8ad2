import type { Log } from '../base/log.ts'
import { AgentError } from '../model/errors.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'
import { kernelLimits } from './kernel-limits.ts'
import type { ContainerizerMetrics } from './metrics.ts'

export interface IsolateDeps { readonly pool: Pool, readonly log: Log, readonly metrics: ContainerizerMetrics }

/** Has the kernel's files of a started container completed and compared. A difference is counted and logged; it ends nobody's task. */
export async function isolate (container: Container, { pool, log, metrics }: IsolateDeps, signal: AbortSignal): Promise<void> {
  const { engineId = '', inspected } = container
  try {
    const limits = kernelLimits(container.limits)
    const { wrote, differs } = await pool.run('isolate', { engineId, pid: inspected?.pid, limits }, signal)
    metrics.isolated(wrote.length > 0 ? 'wrote' : 'nothing to write')
    if (differs.length === 0) return
    metrics.isolated('differs')
    log.warn({ differs }, 'the kernel has other limits than were asked for')
  } catch (error) {
    // It has ended already, and its cgroups with it.
    if (!(error instanceof AgentError) || error.code !== 'NOT_FOUND') throw error
    metrics.isolated('gone')
  }
}
