import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockOf, droopOf, rampOf } from '../../../bench/load/fleet/ramp.ts'

test('the rate of each hundred is that of its own time, in whatever order its launches are told', () => {
  // A hundred in a second, the next hundred in two; half of another is not told.
  const first = Array.from({ length: 100 }, (_, at) => 1_000 + (at + 1) * 10)
  const second = Array.from({ length: 100 }, (_, at) => 2_000 + (at + 1) * 20)
  const blocks = rampOf([...second, 4_100, ...first], 1_000, 100)
  assert.deepEqual(blocks, [{ upTo: 100, perSecond: 100 }, { upTo: 200, perSecond: 50 }])
  assert.equal(droopOf(blocks), 0.5)
})

test('a short run has two blocks', () => {
  assert.deepEqual([1000, 200, 199, 11, 2, 1].map(blockOf), [100, 100, 100, 6, 1, 1])
})
