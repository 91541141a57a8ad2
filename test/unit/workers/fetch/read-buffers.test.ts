import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { ReadBuffers } from '../../../../workers/fetch/http/read-buffers.ts'

/** A socket that is read into; `read` gives what its stream gets of so many bytes. */
function reading (buffers: ReadBuffers): { read (bytes: number): Uint8Array, next (): Uint8Array } {
  const pushed: Uint8Array[] = []
  const socket = { push: (chunk: Uint8Array) => pushed.push(chunk) > 0 } as unknown as Socket
  const { buffer, callback } = buffers.onread(() => socket)
  assert.ok(typeof buffer === 'function')
  let current = buffer()
  return {
    next: () => current,
    read (bytes) {
      callback(bytes, current)
      current = buffer()
      return pushed.at(-1) ?? assert.fail('nothing came')
    },
  }
}

test('memory is used again once all that was read into it is given back, and not before', () => {
  const buffers = new ReadBuffers()
  const one = reading(buffers)
  const first = one.read(100_000)
  const second = one.read(200_000)
  assert.equal(new Set([first.buffer, second.buffer, one.next().buffer]).size, 3)
  buffers.giveBack(first.subarray(0))
  one.read(100_000)
  assert.equal(one.next().buffer, first.buffer)
  assert.equal(one.next().byteLength, first.buffer.byteLength, 'all of it')
})

test('memory of which somebody may hold a part is not used again', () => {
  const buffers = new ReadBuffers()
  const one = reading(buffers)
  const first = one.read(100_000)
  for (const part of [first.subarray(1), first.subarray(0, 99_999), new Uint8Array(first.buffer), new Uint8Array(first)]) buffers.giveBack(part)
  one.read(100_000)
  assert.notEqual(one.next().buffer, first.buffer)
})

test('memory that is given back twice is used by one socket alone', () => {
  const buffers = new ReadBuffers()
  const one = reading(buffers)
  const first = one.read(100_000)
  buffers.giveBack(first)
  buffers.giveBack(first)
  assert.notEqual(reading(buffers).next().buffer, reading(buffers).next().buffer)
})

test('what is small is copied, and its memory read into again', () => {
  const one = reading(new ReadBuffers())
  const before = one.next()
  before.set([1, 2, 3])
  const small = one.read(3)
  assert.equal(one.next(), before)
  before.set([4, 5, 6])
  assert.deepEqual([...small], [1, 2, 3])
})
