import type { Series } from '../../report/report.ts'
import { rateOf } from './launch-time.ts'
import { rawTimes } from './raw.ts'
import type { LaunchWish } from './wish.ts'

const widths = [4, 6, 8, 10, 12, 16]
/** Enough to see the best, in a fraction of the whole run's time. */
const sweepShare = 0.2

export interface Swept { readonly best: number, readonly rates: ReadonlyArray<readonly [atOnce: number, perSecond: number]> }

/** Drives the raw engine at several widths; it slows down when it is flooded, and idles when it is not. */
export async function sweepRaw (wish: LaunchWish & { readonly socket: string, readonly count: number }): Promise<Swept> {
  const count = Math.max(1, Math.ceil(wish.count * sweepShare))
  const rates: Array<readonly [number, number]> = []
  for (const atOnce of widths) rates.push([atOnce, rateOf(await rawTimes({ ...wish, count, atOnce, perSecond: 0 }))])
  const [best] = rates.reduce((a, b) => b[1] > a[1] ? b : a)
  return { best, rates }
}

export function sweepCurve ({ rates }: Swept): Series {
  return { chart: 'the raw engine, by launches at once', name: 'raw', unit: '/s', x: 'launches at once', points: rates }
}
