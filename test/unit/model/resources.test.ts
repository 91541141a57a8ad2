import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  add, amountOf, contains, isEmpty, none, quantities, ranges, scalar, set, subtract, type Quantities,
} from '../../../src/model/resources.ts'

const range = fc.tuple(fc.nat(500), fc.nat(20)).map(([begin, length]) => [begin, begin + length] as const)
const anyQuantities: fc.Arbitrary<Quantities> = fc.record({
  cpus: fc.integer({ min: 0, max: 64_000 }).map(thousandths => scalar(thousandths / 1000)),
  mem: fc.nat(65_536).map(scalar),
  ports: fc.array(range, { maxLength: 6 }).map(ranges),
  disks: fc.subarray(['a', 'b', 'c', 'd']).map(set),
}, { requiredKeys: [] }).map(all => quantities(Object.entries(all)))

/** Two amounts that have nothing in common: only scalars add without loss when they overlap. */
const disjoint = fc.tuple(anyQuantities, anyQuantities).map(([a, b]) => {
  const common = quantities([...b].filter(([, quantity]) => quantity.kind === 'scalar'))
  return [a, common] as const
})

test('what was added can be taken again and the rest is as before', () => {
  fc.assert(fc.property(disjoint, ([a, b]) => {
    const sum = add(a, b)
    assert.ok(contains(sum, a) && contains(sum, b))
    assert.deepEqual(byName(subtract(sum, b)), byName(a))
  }))
})

test('what was taken and given back makes the whole again, and nothing is ever negative', () => {
  fc.assert(fc.property(anyQuantities, anyQuantities, (a, b) => {
    if (!contains(a, b)) { assert.throws(() => subtract(a, b)); return }
    const rest = subtract(a, b)
    for (const quantity of rest.values()) assert.ok(quantity.kind !== 'scalar' || quantity.thousandths > 0)
    assert.deepEqual(byName(add(rest, b)), byName(a))
  }))
})

test('any part of a whole can be taken from it', () => {
  fc.assert(fc.property(anyQuantities, fc.integer({ min: 1, max: 5 }), (whole, divisor) => {
    const part = quantities([...whole].map(([name, quantity]) => {
      if (quantity.kind === 'scalar') return [name, { kind: 'scalar', thousandths: Math.floor(quantity.thousandths / divisor) }]
      if (quantity.kind === 'set') return [name, set(quantity.items.slice(1))]
      return [name, ranges(quantity.ranges.map(([begin, end]) => [begin, begin + Math.floor((end - begin) / divisor)]))]
    }))
    assert.ok(contains(whole, part))
    assert.deepEqual(byName(add(subtract(whole, part), part)), byName(whole))
  }))
})

test('tenths add up exactly', () => {
  let sum = none
  for (let i = 0; i < 30; i++) sum = add(sum, quantities([['cpus', scalar(0.1)]]))
  assert.equal(amountOf(sum, 'cpus'), 3)
  assert.ok(isEmpty(subtract(sum, quantities([['cpus', scalar(3)]]))))
})

test('neighbouring and overlapping ranges join', () => {
  assert.deepEqual(ranges([[5, 9], [1, 4], [8, 12], [20, 20]]), { kind: 'ranges', ranges: [[1, 12], [20, 20]] })
})

test('a kind that differs is not contained and cannot be added', () => {
  const amount = quantities([['x', scalar(1)]])
  const list = quantities([['x', ranges([[1, 2]])]])
  assert.equal(contains(amount, list), false)
  assert.throws(() => add(amount, list), { code: 'SPEC_INVALID' })
})

test('negative, endless and absurd amounts are refused', () => {
  for (const bad of [-1, NaN, Infinity, 1e300]) assert.throws(() => scalar(bad), { code: 'SPEC_INVALID' })
})

function byName (all: Quantities): [string, unknown][] {
  return [...all].map(([name, quantity]): [string, unknown] => [name, quantity.kind === 'set' ? quantity.items.toSorted() : quantity])
    .sort(([a], [b]) => a.localeCompare(b))
}
