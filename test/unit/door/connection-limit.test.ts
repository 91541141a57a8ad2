import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionLimit } from '../../../src/door/connection-limit.ts'

test('half of the files that may be open are left to what is not the door', () => {
  assert.equal(connectionLimit('Limit  Soft Limit  Hard Limit\nMax open files            1024                 4096                 files\n'), 512)
  assert.equal(connectionLimit('Max open files            1048576              1048576              files'), 10_000)
  assert.equal(connectionLimit('Max open files            unlimited            unlimited            files'), 512)
  assert.equal(connectionLimit(''), 512)
})

test('this process has a limit, too', () => {
  assert.ok(connectionLimit() >= 1)
})
