import { setImmediate as turn } from 'node:timers/promises'
import type { Bench } from 'tinybench'
import { allMetrics } from '../../src/all-metrics.ts'
import { createLanes, type Lanes, type LanesOptions } from '../../src/containerizer/lanes.ts'
import { operations } from '../../src/containerizer/operations.ts'
import { check } from './register.ts'

const concurrency = 4
const count = 1000
const signal = new AbortController().signal

/** What it costs to begin an operation and to end it: its lane, the gate, the deadline, the metrics. The operations do nothing. */
export default function (bench: Bench): void {
  const lanes = openLanes()
  bench.add('lanes: one operation through its lane and the gate', async () => {
    check(await lanes.run({ stage: 'create', priority: 0 }, async () => await Promise.resolve(7), signal) === 7)
  })
  bench.add('lanes: 1,000 operations at once, 4 places', async () => { check(await mostAtOnce(lanes, at => at) === concurrency) })
  bench.add('lanes: 1,000 operations at once, each before those that wait', async () => { check(await mostAtOnce(lanes, at => count + at) === concurrency) })
}

async function mostAtOnce (lanes: Lanes, priorityOf: (at: number) => number): Promise<number> {
  let [now, most, ended] = [0, 0, 0]
  const operation = async (): Promise<void> => {
    most = Math.max(most, ++now)
    await turn()
    now--
    ended++
  }
  await Promise.all(Array.from({ length: count }, (_, at) => lanes.run({ stage: 'create', priority: priorityOf(at) }, operation, signal)))
  check(ended === count)
  return most
}

function openLanes (): Lanes {
  const limits = Object.fromEntries(operations.map(stage => [stage, { concurrency, timeoutMs: 60_000 }])) as LanesOptions['limits']
  const gate = { places: { launch: 12, update: 8, destroy: 24 }, maxPauseMs: 1_000, turnMs: 250 }
  return createLanes({ limits, gate, quarantineLimit: 32, engineWaitMs: 60_000, metrics: allMetrics().containerizer, closing: signal })
}
