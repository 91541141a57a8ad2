/** Random choices that a seed repeats. */
export interface Dice {
  /** From low up to, not including, high. */
  between (low: number, high: number): number
  whole (low: number, high: number): number
  pick<T> (from: readonly T[]): T
  /** True in this share of throws. */
  happens (share: number): boolean
}

export function rollDice (seed: number): Dice {
  let state = seed >>> 0
  // mulberry32: small, even enough, and the same everywhere.
  const next = (): number => {
    state = (state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number): number => low + next() * (high - low)
  const whole = (low: number, high: number): number => Math.floor(between(low, high))
  return {
    between, whole,
    pick<T> (from: readonly T[]): T {
      if (from.length === 0) throw new Error('there is nothing to pick from')
      return from[whole(0, from.length)] as T
    },
    happens: share => next() < share,
  }
}
