import type { Options, Values } from '../options.ts'
import type { Findings } from '../report/report.ts'

/** A bench of the whole agent on a real engine: a row of `all.ts`. */
export interface LoadBench {
  readonly about: string
  readonly options: Options
  /** False: it measures a part that needs none, on any machine. */
  readonly takesEngine?: boolean
  readonly run: (ground: Ground, values: Readonly<Record<string, string | number>>) => Promise<Findings>
}

export interface Ground {
  /** Of the engine to be measured. */
  readonly socket: string
  /** A line on how it goes, to stderr. */
  readonly tell: (line: string) => void
}

/** A bench whose `run` gets the values of its own options, with their types. */
export function loadBench<O extends Options> (
  about: string, options: O, run: (ground: Ground, values: Values<O>) => Promise<Findings>,
): LoadBench {
  return { about, options, run: (ground, values) => run(ground, values as Values<O>) }
}
