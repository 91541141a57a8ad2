export interface Gathered {
  add (from: Buffer, start: number, end: number): void
  /** Hands over what was gathered, if anything, valid during the call only. */
  flush (use: (bytes: Uint8Array) => void): void
}

/** Up to here a loop is faster than a call into the runtime. */
const shortBytes = 32

/** Puts pieces together, so that many small ones are one write. */
export function gather (): Gathered {
  let bytes = Buffer.allocUnsafe(0)
  let fill = 0
  return {
    add (from, start, end) {
      if (bytes.length < fill + end - start) {
        const larger = Buffer.allocUnsafe(Math.max(2 * bytes.length, fill + end - start, from.length))
        bytes.copy(larger, 0, 0, fill)
        bytes = larger
      }
      if (end - start > shortBytes) fill += from.copy(bytes, fill, start, end)
      else for (let at = start; at < end; at++) bytes[fill++] = from[at] ?? 0
    },
    flush (use) {
      const filled = bytes.subarray(0, fill)
      fill = 0
      if (filled.length > 0) use(filled)
    },
  }
}
