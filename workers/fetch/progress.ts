import type { FetchProgress } from '../../src/model/uri.ts'
import type { Item } from './plan.ts'

/** A gigabyte comes in many chunks; people read four words a second. */
const reportMs = 250

export type Report = (item: Item, bytes: number, totalBytes: number | undefined) => void

export function startReport (files: number, post: (progress: FetchProgress) => void): Report {
  let reportedAt = -Infinity
  return ({ file, target }, bytes, totalBytes) => {
    if (performance.now() - reportedAt < reportMs) return
    reportedAt = performance.now()
    post({ file, files, name: target, bytes, totalBytes })
  }
}
