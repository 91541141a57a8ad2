import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deferred } from '../../../src/base/deferred.ts'

test('a deferred settles from outside, and only the first word counts', async () => {
  const well = deferred<number>()
  well.resolve(1)
  well.reject(new Error('too late'))
  assert.equal(await well.promise, 1)

  const badly = deferred<number>()
  badly.reject(new Error('first'))
  badly.resolve(1)
  await assert.rejects(badly.promise, /first/)
})
