import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { isProcessLockTaken, takeProcessLock } from '../../../src/base/process-lock.ts'

const nameOf = (what: string): string => `slipway-test-${process.pid}-${what}`

test('a name is had by one at a time, and is free again when given back', async () => {
  const name = nameOf('one')
  for (const _again of [1, 2]) {
    await using lock = await takeProcessLock(name)
    assert.ok(lock)
    assert.equal(await takeProcessLock(name), undefined)
    await using other = await takeProcessLock(nameOf('other'))
    assert.ok(other)
  }
})

test('to ask who has a name takes nothing', async () => {
  const name = nameOf('asked')
  assert.equal(await isProcessLockTaken(name), false)
  await using lock = await takeProcessLock(name)
  assert.ok(lock)
  for (const _again of [1, 2, 3]) assert.equal(await isProcessLockTaken(name), true)
})

test('a lock is free when its process is gone, however that ended', async () => {
  const name = nameOf('killed')
  const script = `require('node:net').createServer().listen({ path: '\\0${name}' }, () => process.kill(process.pid, 'SIGKILL'))`
  await assert.rejects(promisify(execFile)(process.execPath, ['-e', script]), { signal: 'SIGKILL' })
  await using lock = await takeProcessLock(name)
  assert.ok(lock)
})
