import type { Release } from './take-place.ts'

/** Where operations wait that took longer than they may and still have not settled: out of their lanes, but not out of mind. */
export interface Quarantine {
  /** Takes an overdue operation in and gives its place back; at once if there is room, else when there is. */
  take (work: Promise<unknown>, release: Release): void
  readonly size: number
}

/** `onChange` is told when it becomes full and when there is room again. */
export function createQuarantine (limit: number, onChange: (isFull: boolean) => void): Quarantine {
  const inside = new Set<Promise<unknown>>()
  const outside = new Map<Promise<unknown>, Release>()
  let wasFull = false

  function admitWhatFits (): void {
    for (const [work, release] of outside) {
      if (inside.size >= limit) break
      outside.delete(work)
      inside.add(work)
      release()
    }
    const isFull = inside.size >= limit
    if (isFull !== wasFull) onChange(isFull)
    wasFull = isFull
  }

  return {
    take (work, release) {
      outside.set(work, release)
      admitWhatFits()
      void work.catch(() => {}).finally(() => {
        outside.delete(work)
        inside.delete(work)
        admitWhatFits()
      })
    },
    get size () { return inside.size },
  }
}
