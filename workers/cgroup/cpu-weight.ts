const minShares = 2
const maxShares = 262_144

/** What the kernel makes of CPU shares that are out of its range. */
export function clampShares (shares: number): number {
  return Math.min(Math.max(shares, minShares), maxShares)
}

/**
 * What CPU shares (2 to 262144) become as a weight of cgroup v2 (1 to 10000). Runtimes have two formulas: since runc 1.3.2 and
 * crun 1.23 a curve that takes the default of the one, 1024, to that of the other, 100; before, a straight line.
 */
export function weightsOf (shares: number): [curve: number, line: number] {
  const clamped = clampShares(shares)
  const log = Math.log2(clamped)
  const curve = clamped === minShares ? 1 : clamped === maxShares ? 10_000 : Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34))
  return [curve, 1 + Math.floor((clamped - minShares) * 9_999 / (maxShares - minShares))]
}
