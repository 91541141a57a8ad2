import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tellValue } from '../../../bench/report/numbers.ts'
import { quantileOf, spread } from '../../../bench/report/spread.ts'
import { reportTable } from '../../../bench/report/table.ts'
import { sampleReport } from './sample-report.ts'

test('a report is a table of what was measured, beside its goals', () => {
  assert.equal(reportTable(sampleReport), [
    'launch --count 200 --network host: 61 s at revision abc1234 with changes',
    '2 × Some CPU, 8000 MB, Linux 6.1.0, Node v20.20.0, Docker 20.10.24 with overlay2, cgroup v1',
    '',
    '                                    p50    p99                                  goal',
    'rate           27.1 launches/s                                  met: ≥ 25 launches/s',
    'added latency                   7.89 ms  25 ms  met: p50 ≤ 8 ms, MISSED: p99 ≤ 20 ms',
    'ours to raw             0.96 ×',
    '',
    'stage   queue p50  queue p99    p50      p95     p99',
    'create    45.6 µs    12.5 ms  20 ms  31.3 ms  1.23 s',
  ].join('\n'))
})

test('values are told in the unit that suits them', () => {
  const told = [
    [0.000123, 'ms'], [12_345, 'ms'], [0, 'ms'], [0.0312, '%'], [1234.56, 'launches/s'], [0.95, '×'], [3, ''], [NaN, 'ms'], [Infinity, 'ms'],
  ] as const
  assert.deepEqual(told.map(([value, unit]) => tellValue(value, unit)),
    ['0.123 µs', '12.3 s', '0 ms', '3.12 %', '1235 launches/s', '0.95 ×', '3', '–', '∞ ms'])
})

test('quantiles are values that were measured', () => {
  const values = [5, 1, 4, 2, 3]
  assert.deepEqual([0, 0.5, 0.8, 0.99, 1].map(share => quantileOf(values, share)), [1, 3, 4, 5, 5])
  assert.deepEqual(spread([7]), { p50: 7, p95: 7, p99: 7, max: 7, count: 1 })
  assert.ok(Number.isNaN(quantileOf([], 0.5)))
})
