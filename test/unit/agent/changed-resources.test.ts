import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amountOf, changedResources, largerResources } from '../../../src/agent/changed-resources.ts'
import type { v1 } from '../../../src/wire/messages.ts'

const scalar = (name: string, value: number): v1.Resource => ({ name, type: 'SCALAR', scalar: { value }, allocation_info: { role: 'r' } })
const before = [scalar('cpus', 1), scalar('mem', 64), scalar('cpus', 0.5)]

test('what is told in parts becomes one, what is not named stays, and the role goes along', () => {
  assert.deepEqual(changedResources(before, { cpus: 2 }), [scalar('cpus', 2), scalar('mem', 64)])
  assert.deepEqual(changedResources(before, {}), before)
  assert.deepEqual(changedResources([scalar('mem', 64)], { cpus: 2 }), [scalar('mem', 64), scalar('cpus', 2)])
})

test('while limits change the larger of both is held', () => {
  const held = largerResources(before, { cpus: 0.1, mem: 128 })
  assert.deepEqual([amountOf(held, 'cpus'), amountOf(held, 'mem')], [1.5, 128])
})
