import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { beginning, type Anchor } from '../../../../src/model/log-record.ts'
import type { StreamNumber } from '../../../../workers/logs/demultiplex.ts'
import type { Entry } from '../../../../workers/logs/log-entries.ts'
import { LogPlace } from '../../../../workers/logs/log-place.ts'
import { readFrom, Seam, type KnownAfterGap, type SeamOptions } from '../../../../workers/logs/seam.ts'

const time = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, -1)}000000Z`
const entry = (at: number, text: string, more: Partial<Entry> = {}): Entry =>
  ({ stream: 1, time: time(at), bytes: Buffer.from(text), owesNewline: false, ...more })

interface Outcome { readonly 1: string, readonly 2: string, readonly anchor: Anchor | undefined, readonly known: KnownAfterGap | undefined }

/** What is added to the sandbox; gaps stand in brackets. */
function fill (entries: readonly Entry[], options: Partial<SeamOptions> = {}): Outcome {
  const written = { 1: '', 2: '' }
  let last: KnownAfterGap | undefined
  const all: SeamOptions = {
    anchor: beginning, have: { 1: 0, 2: 0 }, tail: () => undefined, lastWrite: time(100), losses: [], isOver: true, strideBytes: 4096,
    write: (stream, bytes, from) => { written[stream] += bytes.subarray(from).toString('latin1') },
    gap: (why, known) => {
      written[1] += `[${why}]`
      last = known
    },
    ...options,
  }
  const seam = new Seam(all)
  // As the engine has it: what is behind the first that is not too old is never too old.
  for (const one of entries.slice(entries.findIndex(({ time }) => time >= readFrom(all.anchor, all.lastWrite)))) seam.add(one)
  seam.end()
  return { ...written, anchor: seam.anchor, known: last }
}

test('what the sandbox has is skipped by its length, in the middle of an entry too', () => {
  const entries = [entry(1, 'one\n'), entry(2, 'two\n'), entry(3, 'three\n')]
  assert.equal(fill(entries)[1], 'one\ntwo\nthree\n')
  assert.equal(fill(entries, { have: { 1: 6, 2: 0 } })[1], 'o\nthree\n')
  assert.equal(fill(entries, { have: { 1: 14, 2: 0 } })[1], '')
})

test('a newline that the engine left out is given back, whole or when the line is there already', () => {
  const entries = [entry(1, 'x'.repeat(10)), entry(1, 'end', { owesNewline: true }), entry(2, 'next\n')]
  for (let have = 0; have <= 19; have++) {
    assert.equal(fill(entries, { have: { 1: have, 2: 0 } })[1], 'xxxxxxxxxxend\nnext\n'.slice(have), `${have} bytes`)
  }
})

const stream = fc.constantFrom<StreamNumber>(1, 2)
const pieces = fc.array(fc.record({ stream, length: fc.integer({ min: 0, max: 6_000 }), isLate: fc.boolean() }), { minLength: 1, maxLength: 60 })

test('wherever two streams broke off, and from whatever place they are counted, both are whole', () => {
  fc.assert(fc.property(pieces, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (list, cutAt, anchoredAt) => {
    // Entries of different streams may come in the wrong order, by a little; those of one do not.
    const last = { 1: 0, 2: 0 }
    const entries = list.map(({ stream, length, isLate }, at) => {
      last[stream] = Math.max(last[stream], at + 10 - (isLate ? 1.5 : 0))
      return { ...entry(last[stream], String.fromCharCode(97 + at % 26).repeat(length)), stream }
    })
    const place = new LogPlace(beginning, 100)
    for (const one of entries.slice(0, Math.floor(entries.length * anchoredAt))) place.pass(one)
    const { anchor } = place
    assert.ok(anchor !== undefined)
    const whole = { 1: textOf(entries, 1), 2: textOf(entries, 2) }
    const have = { 1: cut(whole[1].length, cutAt, anchor.stdout), 2: cut(whole[2].length, cutAt, anchor.stderr) }
    const added = fill(entries, { anchor, have })
    assert.equal(added[1], whole[1].slice(have[1]))
    assert.equal(added[2], whole[2].slice(have[2]))
  }))
})

/** A place is known only where the sandbox has been. */
function cut (length: number, share: number, least: number): number {
  return Math.max(least, Math.floor(length * share))
}

function textOf (entries: readonly Entry[], stream: StreamNumber): string {
  return entries.filter(one => one.stream === stream).map(({ bytes }) => bytes.toString('latin1')).join('')
}

const missing = '[output is missing here: the engine did not keep it]'
const lost = '[the engine was lost here: output may be missing]'

test('where the engine no longer has the place, the gap is told, and only what is newer than the sandbox is added', () => {
  const anchor = { time: time(50), stdout: 1000, stderr: 0 }
  const { 1: added, anchor: next } = fill([entry(99, 'old\n'), entry(103, 'new\n'), entry(104, 'er\n')], { anchor, have: { 1: 1500, 2: 0 } })
  assert.equal(added, `${missing}new\ner\n`)
  assert.ok(next !== undefined && next.stdout >= 1500)
})

test('where no place is known any more, likewise', () => {
  assert.equal(fill([entry(99, 'old\n'), entry(103, 'new\n')], { anchor: undefined, have: { 1: 9, 2: 0 } })[1], `${missing}new\n`)
})

test('where no place is known and nothing is newer, nothing is told; what the sandbox may have or not is told at the end', () => {
  const without = { anchor: undefined, have: { 1: 9, 2: 0 } }
  assert.equal(fill([entry(99, 'old\n'), entry(100, 'last\n')], without)[1], '')
  const entries = [entry(99, 'old\n'), entry(101, 'late\n')]
  assert.equal(fill(entries, without)[1], '[output may be missing here: its place in the engine\'s log is lost]')
  assert.equal(fill(entries, { ...without, isOver: false })[1], '')
  assert.equal(fill([...entries, entry(103, 'new\n')], without)[1], `${missing}new\n`)
})

test('a log that begins later than the sandbox was written has lost its beginning', () => {
  assert.equal(fill([entry(110, 'later\n')], { have: { 1: 3, 2: 0 } })[1], `${missing}later\n`)
  assert.equal(fill([entry(110, 'first\n')])[1], 'first\n')
})

test('an engine that died with bytes unlogged: what the sandbox has of them stays, what comes is added, the gap stands between', () => {
  const entries = [entry(90, 'logged\n'), entry(105, 'after\n'), entry(106, 'more\n')]
  const { 1: added, anchor } = fill(entries, { have: { 1: 12, 2: 0 }, losses: [time(100)], strideBytes: 1 })
  assert.equal(added, `${lost}after\nmore\n`)
  assert.deepEqual(anchor, { time: time(105), stdout: 12, stderr: 0 })
  assert.deepEqual(fill(entries.slice(0, 2), { have: { 1: 12, 2: 3 }, losses: [time(100)] }).anchor, { time: time(105), stdout: 12, stderr: 3 })
})

test('an engine that died when the sandbox was behind: its log comes first, then the gap', () => {
  assert.equal(fill([entry(90, 'logged\n'), entry(105, 'after\n')], { have: { 1: 3, 2: 0 }, losses: [time(100)] })[1], `ged\n${lost}after\n`)
})

test('a gap is known with the place behind it, from where a later reader counts on', () => {
  const { known } = fill([entry(90, 'logged\n'), entry(105, 'after\n')], { have: { 1: 12, 2: 3 }, losses: [time(100), time(120)], isOver: false })
  assert.deepEqual(known, { anchor: { time: time(105), stdout: 12, stderr: 3 }, losses: [time(120)] })
})

test('two engines that were lost leave two gaps, or one if the first of them logged nothing', () => {
  const losses = [time(100), time(110)]
  const [before, between, after] = [entry(90, 'logged\n'), entry(105, 'between\n'), entry(115, 'after\n')] as const
  assert.equal(fill([before, between, after], { have: { 1: 12, 2: 0 }, losses })[1], `${lost}between\n${lost}after\n`)
  assert.equal(fill([before, after], { have: { 1: 12, 2: 0 }, losses })[1], `${lost}after\n`)
})

test('an engine that was lost with all of the log is one gap, and nothing of what its successor logged is taken for old', () => {
  assert.equal(fill([entry(101, 'after\n')], { have: { 1: 12, 2: 0 }, losses: [time(100.5)] })[1], `${lost}after\n`)
  assert.equal(fill([entry(99, 'old\n'), entry(101, 'after\n')], { anchor: undefined, have: { 1: 12, 2: 0 }, losses: [time(100.5)] })[1], `${lost}after\n`)
})

test('where nothing is logged behind a loss, the gap is told when the container has ended, and not before', () => {
  const options = { have: { 1: 12, 2: 0 }, losses: [time(100)] }
  assert.equal(fill([entry(90, 'logged\n')], { ...options, isOver: false })[1], '')
  assert.equal(fill([entry(90, 'logged\n')], options)[1], lost)
})

test('a long line that the lost engine had logged whole has its newline before the gap', () => {
  const entries = [entry(90, 'x'.repeat(10)), entry(90, 'end', { owesNewline: true }), entry(105, 'after\n')]
  assert.equal(fill(entries, { have: { 1: 3, 2: 0 }, losses: [time(100)] })[1], `xxxxxxxend\n${lost}after\n`)
})

test('a long line at the end of a log that an engine was lost with is given no newline that it may not have had', () => {
  const entries = [entry(90, 'x'.repeat(10)), entry(90, 'end', { owesNewline: true })]
  assert.equal(fill(entries, { losses: [time(100)] })[1], `xxxxxxxxxxend${lost}`)
  assert.equal(fill(entries, { losses: [time(100)], isOver: false })[1], 'xxxxxxxxxxend')
  assert.equal(fill(entries)[1], 'xxxxxxxxxxend\n')
})

test('a log that has less than was handed over, though no engine is known to be lost, has a gap where it goes on', () => {
  const entries = [entry(90, 'logged\n'), entry(106, 'after\n')]
  assert.equal(fill(entries, { have: { 1: 12, 2: 0 } })[1], `${missing}after\n`)
  assert.equal(fill(entries, { have: { 1: 7, 2: 0 } })[1], 'after\n')
})

test('a clock that is set back gives no place, and takes none', () => {
  const place = new LogPlace(beginning, 1)
  for (const one of [entry(10, 'a'), entry(11, 'b'), entry(12, 'c')]) place.pass(one)
  assert.equal(place.anchor?.stdout, 1)
  for (const one of [entry(5, 'd'), entry(6, 'e')]) place.pass(one)
  assert.equal(place.anchor.stdout, 1)
})

test('a line that was open for long is in the log when it ends, and is there once, beside a stream that goes on', () => {
  const have = { 1: 6, 2: 3 }
  const open = { 1: 'so far', 2: '...' } as const
  const tail: SeamOptions['tail'] = (stream, bytes) => Buffer.from(open[stream].slice(-bytes))
  const late = [entry(130, 'so far so good\n'), entry(135, 'more\n'), { ...entry(140, '......\n'), stream: 2 as const }]
  assert.deepEqual(pick(fill(late, { have, tail })), [' so good\nmore\n', '...\n'])
  assert.deepEqual(pick(fill(late.slice(1), { have: { 1: 0, 2: 3 }, tail, anchor: { ...beginning, time: time(135) } })), ['more\n', '...\n'])
})

test('what is late and does not begin as the sandbox ends is output of later: what was before it is missing', () => {
  const have = { 1: 6, 2: 0 }
  assert.equal(fill([entry(130, 'another line\n')], { have, tail: () => Buffer.from('so far') })[1], `${missing}another line\n`)
  assert.equal(fill([entry(130, 'so\n')], { have, tail: () => Buffer.from('so far') })[1], `${missing}so\n`)
})

function pick (outcome: Outcome): [string, string] { return [outcome[1], outcome[2]] }
