/** What the kernel shows, or more, where there is no limit. */
const noLimitBytes = 2 ** 62

export function isLimited (bytes: number): boolean {
  return bytes > 0 && bytes < noLimitBytes
}

/** The limit of memory and swap, or the soft limit, that goes with a new limit of memory: they keep their proportion. What has no limit gets none. */
export function inProportion (bytes: number, from: number, to: number): number {
  return isLimited(bytes) && isLimited(from) ? Math.round(to * (bytes / from)) : bytes
}
