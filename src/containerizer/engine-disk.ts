import type { Log } from '../base/log.ts'
import type { ErrorCode } from '../model/errors.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import type { Operation } from './operations.ts'

/** What takes space of the engine's. */
const makers = new Set<Operation>(['transfer', 'create', 'start'])

/** Learns from the answers that come anyway whether the engine's disk is full: no call asks for that. */
export function engineDisk (log: Log, metrics: ContainerizerMetrics): (stage: Operation, code: ErrorCode | undefined) => void {
  return (stage, code) => {
    const isFull = code === 'DISK_FULL'
    if (!makers.has(stage) || (code !== undefined && !isFull) || isFull === metrics.engine.isDiskFull) return
    metrics.engine.diskIsFull(isFull)
    if (isFull) log.warn({ stage }, 'the engine\'s disk is full: launches fail until there is space')
    else log.info({ stage }, 'the engine\'s disk has space again')
  }
}
