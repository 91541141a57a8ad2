import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launchPriority } from '../../../src/agent/launch-priority.ts'

const priorityOf = (value: string | undefined, arrivedAtMs: number): number =>
  launchPriority({ labels: [{ key: 'other', value: '9' }, { key: 'slipway.priority', ...(value !== undefined && { value }) }] }, arrivedAtMs)

test('of equals the first to come goes first', () => {
  assert.ok(launchPriority(undefined, 1) > launchPriority(undefined, 2))
  assert.ok(priorityOf('3', 1) > priorityOf('3', 2))
})

test('a step is worth ten seconds of waiting, no more: nothing waits for ever', () => {
  assert.ok(priorityOf('1', 9_999) > launchPriority(undefined, 0))
  assert.ok(priorityOf('1', 10_001) < launchPriority(undefined, 0))
  assert.ok(priorityOf('-1', 0) < launchPriority(undefined, 9_999))
})

test('a number beyond a thousand steps counts as a thousand', () => {
  assert.equal(priorityOf('1e9', 5), priorityOf('1000', 5))
  assert.equal(priorityOf('-1e9', 5), priorityOf('-1000', 5))
})

test('what is no number counts as none', () => {
  for (const value of ['high', 'Infinity', 'NaN', '', undefined]) assert.equal(priorityOf(value, 5), -5, value)
})
