import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partBytes, type Entry } from '../../../../workers/logs/log-entries.ts'
import { StepWatch } from '../../../../workers/logs/step-watch.ts'

const entry = (second: number, bytes: Buffer | string, stream: 1 | 2 = 1): Entry =>
  ({ stream, time: `2026-01-02T03:04:${String(second).padStart(2, '0')}.000000000Z`, bytes: Buffer.from(bytes), owesNewline: false })
const part = (second: number, fill: string, stream: 1 | 2 = 1): Entry => entry(second, fill.repeat(partBytes), stream)

/** As often as the log is to be read anew, it is; answers with which entry that was each time. */
function readingsOf (tellings: readonly (readonly Entry[])[]): number[] {
  const watch = new StepWatch()
  return tellings.map(entries => {
    watch.restart()
    return entries.findIndex(one => watch.isStep(one))
  })
}

test('times that grow in each stream are no step, nor are the parts of a line', () => {
  const line = [part(1, 'a'), part(1, 'b'), part(1, 'c'), entry(1, 'end')]
  assert.deepEqual(readingsOf([[...line, entry(3, 'x\n'), entry(2, 'y\n', 2), part(4, 'a'), part(4, 'b'), entry(4, '')]]), [-1])
})

test('a step back is one until the log has been read anew', () => {
  const told = [entry(1, 'x\n'), entry(2, 'y\n'), entry(1, 'x\n')]
  assert.deepEqual(readingsOf([told, told]), [2, -1])
})

test('a part that its line has had is a step; when it is told once only, the next one is seen too', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(fill => part(1, fill))
  assert.ok(a && b && c && d)
  assert.deepEqual(readingsOf([[a, b, a, b, c], [a, b, c, c, d], [a, b, c, d]]), [2, 3, -1])
})

test('the end of a long line and what is behind it, told again, are a step', () => {
  const [a, b, end] = [part(1, 'a'), part(1, 'b'), entry(1, 'end')]
  assert.deepEqual(readingsOf([[a, b, end, end], [a, b, end]]), [3, -1])
  assert.deepEqual(readingsOf([[a, b, end, b, end], [a, b, end]]), [3, -1])
})

test('equal parts in lines of their own, or in streams of their own, are no step', () => {
  assert.deepEqual(readingsOf([[part(1, 'a'), part(2, 'a'), part(1, 'a', 2), part(3, 'a')]]), [-1])
})

test('a container whose lines repeat themselves is believed after some readings', () => {
  const zeros = Array.from({ length: 50 }, () => part(1, '0'))
  const readings = readingsOf(Array.from({ length: 20 }, () => zeros))
  assert.deepEqual(readings, [1, 2, 3, 4, 5, 6, 7, 8, ...Array.from({ length: 12 }, () => -1)])
})
