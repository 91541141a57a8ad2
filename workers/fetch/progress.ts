import type { Throttle } from '../../src/base/throttle.ts'
import type { FetchProgress } from '../../src/model/uri.ts'
import type { Item } from './plan.ts'

/** A gigabyte comes in many chunks; people read four words a second. */
export const reportMs = 250

/** Before that, a rate is a guess. */
const leastMs = 100

export interface Report {
  (item: Item, bytes: number, totalBytes: number | undefined): void
  /** A transfer is begun again. */
  retry (item: Item, isResumed: boolean): void
}

/** Tells of the file that moved last. */
export function reportTo (throttle: Throttle<FetchProgress>, files: number): Report {
  const begunMs = new Map<number, number>()
  let retries = 0
  let resumed = 0

  const report = ({ file, target }: Item, bytes: number, totalBytes: number | undefined): void => {
    const nowMs = performance.now()
    const tookMs = nowMs - (begunMs.get(file) ?? nowMs)
    if (tookMs === 0) begunMs.set(file, nowMs)
    const rate = tookMs >= leastMs && bytes > 0 ? { bytesPerSecond: Math.round(bytes / tookMs * 1000) } : {}
    throttle.add({ file, files, name: target, bytes, totalBytes, ...rate, ...retries > 0 ? { retries, resumed } : {} })
  }
  const retry = (item: Item, isResumed: boolean): void => {
    retries++
    if (isResumed) resumed++
    report(item, 0, undefined)
  }
  return Object.assign(report, { retry })
}
