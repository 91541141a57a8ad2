import assert from 'node:assert/strict'
import { test } from 'node:test'
import { htmlPage } from '../../../bench/report/html/page.ts'
import { scaleOf } from '../../../bench/report/html/scale.ts'
import type { Report } from '../../../bench/report/report.ts'
import { sampleReport } from './sample-report.ts'

test('a page shows goals, ratios, stages, curves and figures, and takes nothing from elsewhere', () => {
  const page = htmlPage(sampleReport)
  for (const said of ['Goals: 2 of 3 met', '✗ missed', 'added latency: 25 ms (goal: p99 ≤ 20 ms)', 'ours to raw', '0.96 ×', 'waiting for its turn',
    'launches a second', 'seconds since the start', 'Docker 20.10.24', 'revision abc1234 with changes']) {
    assert.ok(page.includes(said), said)
  }
  assert.doesNotMatch(page, /https?:|src=|href=|@import|url\(/)
})

test('whatever a report calls its things, none of it becomes markup', () => {
  const hostile = '</title></svg><img src=x onerror=alert(1)>"\'`&lt;'
  const page = htmlPage(renamed(sampleReport, hostile) as Report)
  assert.doesNotMatch(page, /<img|="[^"]*<[^"]*"/)
  assert.ok(page.includes('&#60;img src=x onerror=alert(1)&#62;&#34;&#39;&#96;&#38;lt;'))
})

/** Every text of the report is that one, but those that its shape is made of. */
function renamed (value: unknown, to: string): unknown {
  if (typeof value === 'string') return ['value', 'p50', 'p99', 'lower', 'higher', '×'].includes(value) ? value : to
  if (Array.isArray(value)) return value.map(one => renamed(one, to))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, renamed(one, to)]))
}

test('what was not measured leaves a gap, not a drawing gone wrong', () => {
  const [first] = sampleReport.series ?? []
  assert.ok(first)
  const page = htmlPage({
    ...sampleReport,
    rows: [{ name: 'none', unit: '×', value: NaN }, { name: 'for ever', unit: 'ms', p50: Infinity, goals: [{ of: 'p50', atMost: 8 }] }],
    stages: [{ stage: 'fetch', queue: { p50: NaN, p99: NaN }, took: { p50: NaN, p95: NaN, p99: Infinity } }],
    series: [{ ...first, points: [] }, { ...first, chart: 'one', points: [[3, 5]] }, { ...first, chart: 'holes', points: [[0, NaN], [1, 2]] }],
  })
  assert.doesNotMatch(page, /="[^"]*(NaN|Infinity)[^"]*"/)
  assert.match(page, /Goals: 0 of 1 met/)
})

test('a report of single figures alone has no drawings', () => {
  const { stages: _stages, series: _series, ...rest } = sampleReport
  assert.doesNotMatch(htmlPage({ ...rest, rows: [{ name: 'one', unit: 'ms', value: 1 }] }), /<svg|Goals/)
})

test('an axis covers its values and is marked at round ones', () => {
  assert.deepEqual(scaleOf([0, 26.9], [0, 100]).marks, [0, 10, 20, 30])
  assert.deepEqual(scaleOf([0, 1, 0.95], [0, 100]).marks, [0, 0.2, 0.4, 0.6, 0.8, 1])
  const { at, marks } = scaleOf([7, 7], [10, 110])
  assert.ok(at(7) >= 10 && at(7) <= 110 && marks.length >= 2)
  assert.deepEqual([scaleOf([0, 30], [0, 100]).at(0), scaleOf([0, 30], [0, 100]).at(30)], [0, 100])
})
