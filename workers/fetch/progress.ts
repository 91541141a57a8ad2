import type { Throttle } from '../../src/base/throttle.ts'
import type { FetchProgress } from '../../src/model/uri.ts'
import type { Item } from './plan.ts'

/** A gigabyte comes in many chunks; people read four words a second. */
export const reportMs = 250

export type Report = (item: Item, bytes: number, totalBytes: number | undefined) => void

export function reportTo (throttle: Throttle<FetchProgress>, files: number): Report {
  return ({ file, target }, bytes, totalBytes) => { throttle.add({ file, files, name: target, bytes, totalBytes }) }
}
