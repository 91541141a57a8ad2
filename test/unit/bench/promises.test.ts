import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { choose } from '../../../bench/choose.ts'
import { keptBy } from '../../../bench/promises/keep.ts'
import { promises, runs, type Promised } from '../../../bench/promises/promises.ts'
import { performancePage, writtenNotes, writtenReports } from '../../support/docs/performance-page.ts'
import { sampleReport } from './sample-report.ts'

for (const [name, command] of Object.entries(runs)) {
  test(`the command of the run ${name} is one that the benches take`, () => {
    const words = [...command.matchAll(/"([^"]+)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
    const choice = choose([...words, '--json', 'out.json'])
    assert.ok('outputs' in choice, 'refusal' in choice ? choice.refusal.split('\n')[0] : '')
  })
}

test('every file of figures belongs to a run, and every miss has its reason', () => {
  const files = readdirSync('docs/performance').filter(name => name.endsWith('.json')).map(name => name.replace('.json', ''))
  assert.deepEqual(files.filter(name => !Object.hasOwn(runs, name)), [])
  const [reports, notes] = [writtenReports(), writtenNotes()]
  const missed = promises.filter(promised => keptBy(promised, reports[promised.run]).verdict === 'missed')
  assert.deepEqual(missed.map(({ told }) => told).filter(told => !notes.includes(told)), [], 'docs/performance/notes.md does not speak of them')
})

test('the commands that wrote the files are those of their runs', () => {
  for (const [name, { bench }] of Object.entries(writtenReports())) assert.equal(runs[name as keyof typeof runs].split(' ')[0], bench)
  assert.equal(readFileSync('docs/PERFORMANCE.md', 'utf8').includes('Not measured yet.'), Object.keys(writtenReports()).length < Object.keys(runs).length)
})

const promised: Promised = { told: 'added', goal: 'p50 ≤ 8 ms', run: 'launch-idle', figure: 'added latency' }

test('a promise is judged by the goals of its figure, or by its own', () => {
  assert.deepEqual(keptBy(promised, sampleReport), { verdict: 'missed', seen: 'p50 7.89 ms, p99 25 ms' })
  assert.deepEqual(keptBy({ ...promised, goals: [{ of: 'p50', atMost: 8 }] }, sampleReport), { verdict: 'met', seen: 'p50 7.89 ms' })
  assert.deepEqual(keptBy(promised, undefined), { verdict: 'not measured yet', seen: '' })
})

test('a report without the figure of a promise, or a figure without a goal, is not passed over', () => {
  assert.throws(() => keptBy({ ...promised, figure: 'other' }, sampleReport), /the report 'launch-idle' has no figure 'other'/)
  assert.throws(() => keptBy({ ...promised, figure: 'ours to raw' }, sampleReport), /'ours to raw' of the report 'launch-idle' has no goal/)
})

test('the page has the figures of a run below its command', () => {
  const rows = [{ name: 'demultiplex: 1 MB of output in frames of 16 bytes', unit: 'ms', p50: 3 }]
  const text = performancePage({ demultiplex: { ...sampleReport, rows } }, '## Misses\n\nNone.')
  assert.match(text, /\| lines of 16 bytes through the demultiplexer \| ≥ 50 MB\/s \| p50 3 ms \| met \| \[demultiplex\]\(#demultiplex\) \|/)
  assert.match(text, /### demultiplex\n\n`npm run bench -- demultiplex --json docs\/performance\/demultiplex.json`\n\n2026-01-02:\n\n```text\nlaunch /)
})
