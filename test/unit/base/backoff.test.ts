import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff } from '../../../src/base/backoff.ts'

function firstWaits (count: number, random: () => number): number[] {
  const waits = backoff(100, 1000, random)
  return Array.from({ length: count }, () => waits.next().value)
}

test('waits double up to the longest and stay there', () => {
  assert.deepEqual(firstWaits(6, () => 0.5), [100, 200, 400, 800, 1000, 1000])
})

test('each wait is within a fifth of its nominal length', () => {
  assert.deepEqual(firstWaits(5, () => 0), [80, 160, 320, 640, 800])
  assert.deepEqual(firstWaits(5, () => 1).map(Math.round), [120, 240, 480, 960, 1200])
})

test('two who wait do not march in step', () => {
  assert.notDeepEqual(firstWaits(5, Math.random), firstWaits(5, Math.random))
})
