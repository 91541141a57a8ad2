import { amount, whole } from '../../options.ts'
import type { Figure } from '../../report/report.ts'
import { median, spread } from '../../report/spread.ts'
import { loadBench } from '../load-bench.ts'
import { readyImage } from './image.ts'
import { curveOf, latencies, rateOf, type LaunchTime } from './launch-time.ts'
import { wishOf, wishOptions } from './options.ts'
import { rawTimes } from './raw.ts'
import { sweepCurve, sweepRaw } from './sweep.ts'

const options = {
  count: whole(200, 'launches in a run'),
  rounds: whole(5, 'runs of each half of the A/A line'),
  rate: amount(0, 'launches due in a second; 0: as fast as they go'),
  ...wishOptions,
}

/** What every other bench is measured by. */
export const raw = loadBench('the engine driven by 60 lines of node:http: a sweep of 4 to 16 at once, and the best against itself (A/A)', options,
  async ({ socket, tell }, { count, rounds, rate: perSecond, ...values }) => {
    const wish = { ...wishOf(values, await readyImage(socket, values.image)), socket, count }
    if (wish.uris.length > 0) throw new Error('the raw engine fetches nothing: leave --uris out')
    const swept = await sweepRaw(wish)
    const runs: Array<readonly LaunchTime[]> = []
    for (let round = 0; round < 2 * rounds; round++) {
      runs.push(await rawTimes({ ...wish, atOnce: swept.best, perSecond }))
      tell(`run ${runs.length}: ${rateOf(runs.at(-1) ?? []).toFixed(1)}/s`)
    }
    const halves = [0, 1].map(half => runs.filter((_, at) => at % 2 === half).map(rateOf))
    const [a = [], b = []] = halves
    const rows: Figure[] = [
      ...swept.rates.map(([atOnce, value]): Figure => ({ name: `launch rate, ${atOnce} at once (sweep)`, unit: '/s', value, better: 'higher' })),
      { name: `launch rate, ${swept.best} at once`, unit: '/s', value: median(runs.map(rateOf)), count: runs.length, better: 'higher' },
      { name: 'raw to raw (A/A)', unit: '×', value: median(b.map((rate, at) => rate / (a[at] ?? NaN))), count: rounds },
      { name: 'whole launch', unit: 'ms', ...spread(runs.flatMap(latencies)), better: 'lower' },
    ]
    const axes = { chart: 'launched over time, last run', unit: '', x: 'seconds since the start' }
    return { rows, series: [sweepCurve(swept), { ...axes, name: 'raw', points: curveOf(runs.at(-1) ?? []) }] }
  })
