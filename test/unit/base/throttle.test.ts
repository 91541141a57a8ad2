import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startThrottle } from '../../../src/base/throttle.ts'

test('the first value is told at once, the newest of a burst when its time has come', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const told: number[] = []
  using throttle = startThrottle((value: number) => { told.push(value) }, 250)
  for (const value of [1, 2, 3]) throttle.add(value)
  assert.deepEqual(told, [1])
  t.mock.timers.tick(250)
  assert.deepEqual(told, [1, 3])
  t.mock.timers.tick(250)
  throttle.add(4)
  assert.deepEqual(told, [1, 3, 4])
})

test('what is untold at the end is told then, once, and no timer is left', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const told: number[] = []
  const throttle = startThrottle((value: number) => { told.push(value) }, 250)
  throttle.add(1)
  throttle.add(2)
  throttle[Symbol.dispose]()
  t.mock.timers.tick(1_000)
  assert.deepEqual(told, [1, 2])
})
