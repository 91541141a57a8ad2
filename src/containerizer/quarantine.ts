/** Where operations wait that took longer than they may and still have not settled: out of their lanes, but not out of mind. */
export interface Quarantine {
  /** Takes the operation in, if there is room; false: it keeps its place in its lane. */
  admit (work: Promise<unknown>): boolean
  readonly size: number
}

/** `onChange` is told when it becomes full and when there is room again. */
export function createQuarantine (limit: number, onChange: (isFull: boolean) => void): Quarantine {
  let size = 0
  return {
    admit (work) {
      if (size >= limit) return false
      if (++size === limit) onChange(true)
      void work.catch(() => {}).finally(() => { if (size-- === limit) onChange(false) })
      return true
    },
    get size () { return size },
  }
}
