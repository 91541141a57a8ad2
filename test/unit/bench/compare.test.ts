import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compare, comparisonTable } from '../../../bench/report/compare.ts'
import { medianReport } from '../../../bench/report/median-report.ts'
import { parseReport, readReport } from '../../../bench/report/read-report.ts'
import type { Figure, Report } from '../../../bench/report/report.ts'
import { sampleReport } from './sample-report.ts'

const withRows = (...rows: Figure[]): Report => ({ ...sampleReport, rows })
const rate = (value: number): Figure => ({ name: 'rate', unit: '/s', value, better: 'higher' })
const latency = (p50: number, p99: number): Figure => ({ name: 'latency', unit: 'ms', p50, p99, max: 999, count: 3, better: 'lower' })

test('two runs are compared figure by figure, and told which is better by the kind of figure', () => {
  const compared = compare(withRows(rate(20), latency(10, 40)), withRows(rate(25), latency(10.05, 50)))
  assert.deepEqual(compared.map(({ name, statistic, ratio, better }) => [name, statistic, Number(ratio.toFixed(3)), better]),
    [['rate', 'value', 1.25, 'b'], ['latency', 'p50', 1.005, 'neither'], ['latency', 'p99', 1.25, 'a']])
})

test('a figure that only informs has no better, nothing against nothing is even, and what one alone has is named', () => {
  const a = withRows({ name: 'left', unit: '', value: 0, better: 'lower' }, { name: 'files', unit: '', value: 3 }, rate(1))
  const b = withRows({ name: 'left', unit: '', value: 0, better: 'lower' }, { name: 'files', unit: '', value: 6 }, latency(1, 2))
  assert.deepEqual(compare(a, b).map(({ name, ratio, better }) => [name, ratio, better]), [['left', 1, 'neither'], ['files', 2, undefined]])
  assert.match(comparisonTable(a, b), /\n\nonly A has: rate\nonly B has: latency$/)
})

test('what came from nothing is infinitely more, and worse where less is better', () => {
  const [left] = compare(withRows({ name: 'left', unit: '', value: 0, better: 'lower' }), withRows({ name: 'left', unit: '', value: 2, better: 'lower' }))
  assert.deepEqual([left?.ratio, left?.better], [Infinity, 'a'])
})

test('the comparison shows the circumstances of both', () => {
  const table = comparisonTable(withRows(rate(20)), { ...withRows(rate(25)), revision: { name: 'def', isDirty: false } })
  assert.match(table, /^A {2}launch .* at revision abc1234 with changes\n {3}2 × Some CPU/)
  assert.match(table, /^B {2}launch .* at revision def$/m)
  assert.match(table, /^rate +20 \/s +25 \/s +1\.25 × +B$/m)
})

test('reports of different benches are not compared', () => {
  assert.throws(() => compare(sampleReport, { ...sampleReport, bench: 'density' }), /one is of the bench 'launch', the other of 'density'/)
})

test('of several runs the median of each statistic remains', () => {
  const { rows, series } = medianReport([withRows(rate(3), latency(1, 9)), withRows(rate(1), latency(2, 7)), withRows(rate(2), latency(3, 8))])
  assert.deepEqual(rows, [rate(2), latency(2, 8)])
  assert.equal(series, undefined)
})

test('a report survives its file; what was not a number there is none again', () => {
  const report = withRows(rate(20), latency(1, Infinity))
  const read = parseReport(JSON.stringify(report))
  assert.deepEqual(read, withRows(rate(20), latency(1, NaN)))
})

const wrong: Array<[text: string, answer: RegExp]> = [
  ['', /JSON/],
  ['3', /it is not an object/],
  ['{}', /it has no schema/],
  [JSON.stringify({ ...sampleReport, schema: 2 }), /its schema is 2, and this version reads 1/],
  [JSON.stringify({ ...sampleReport, rows: {} }), /its rows are no list/],
  [JSON.stringify({ ...sampleReport, rows: [{ name: 'a' }] }), /rows\[0\] has no name and unit/],
  [JSON.stringify({ ...sampleReport, rows: [{ name: 'a', unit: 'ms', p50: '3' }] }), /rows\[0\]\.p50 is no number/],
]
for (const [text, answer] of wrong) {
  test(`a file is refused by its name: ${String(answer)}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'))
    const path = join(folder, 'a.json')
    try {
      writeFileSync(path, text)
      assert.throws(() => readReport(path), (error: Error) => error.message.startsWith(`${path} is no report of a bench: `) && answer.test(error.message))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}
