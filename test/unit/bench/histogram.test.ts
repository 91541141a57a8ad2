import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countOf, histogramIn, quantile, since } from '../../../bench/load/histogram.ts'

const text = (counts: readonly number[]): string => ['0.001', '0.01', '0.1', '+Inf']
  .flatMap((bound, at) => [`late_bucket{le="${bound}",kind="TCP"} ${counts[at]}`, `late_bucket{le="${bound}",kind="HTTP"} 7`]).join('\n')
const read = (...counts: number[]): ReturnType<typeof histogramIn> => histogramIn(text(counts), 'late', 'kind="TCP"')

test('what came between two readings of a histogram is counted, and its quantiles lie between the bounds', () => {
  const passed = since(read(10, 10, 10, 10), read(60, 100, 110, 110))
  assert.equal(countOf(passed), 100)
  assert.equal(quantile(passed, 0.5), 1)
  assert.equal(quantile(passed, 0.7), 5.5)
  assert.equal(quantile(passed, 1), 100)
})

test('beyond the last bound a quantile is infinite, and of nothing it is no number', () => {
  assert.equal(quantile(read(0, 0, 0, 5), 0.5), Infinity)
  assert.ok(Number.isNaN(quantile(new Map(), 0.5)))
})

test('a histogram that is not there is an error', () => {
  assert.throws(() => histogramIn('', 'late', 'kind="TCP"'), /there is no histogram late/)
})
