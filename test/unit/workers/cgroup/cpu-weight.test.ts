import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clampShares, weightsOf } from '../../../../workers/cgroup/cpu-weight.ts'

/** As runc and crun have them: shares, weight since runc 1.3.2, weight before. */
const table = [
  [0, 1, 1], [2, 1, 1], [512, 59, 20], [1024, 100, 39], [2000, 170, 77], [262_144, 10_000, 10_000], [1_000_000, 10_000, 10_000],
] as const

for (const [shares, curve, line] of table) {
  test(`${shares} CPU shares are a weight of ${curve}, by older runtimes ${line}`, () => {
    assert.deepEqual(weightsOf(shares), [curve, line])
  })
}

test('weights are in the kernel\'s range and never fall as shares rise', () => {
  let before = [1, 1]
  for (let shares = 2; shares <= 262_144; shares += 61) {
    const weights = weightsOf(shares)
    for (const [at, weight] of weights.entries()) {
      assert.ok(Number.isInteger(weight) && weight >= before[at]! && weight <= 10_000, `${shares}: ${weight}`)
    }
    before = weights
  }
})

test('shares out of range are what the kernel makes of them', () => {
  assert.deepEqual([0, 1, 2, 1024, 262_144, 1e9].map(clampShares), [2, 2, 2, 1024, 262_144, 262_144])
})
