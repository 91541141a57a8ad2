import type { Bench } from 'tinybench'

/** Adds its benches, each of which checks its answer; what it answers ends what they needed. */
export type Register = (bench: Bench) => void | (() => Promise<void>)

/** A bench that computes something else than it says is worth nothing. */
export function check (isRight: boolean): asserts isRight {
  if (!isRight) throw new Error('the answer is wrong')
}
