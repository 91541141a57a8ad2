import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { listenForInterrupts } from '../../../src/cli/interrupts.ts'

test('the first signal asks, what follows within half a second is the same, a later one demands', () => {
  const source = new EventEmitter()
  let now = 1000
  const { stop, leave } = listenForInterrupts(source, () => now)
  source.emit('SIGINT', 'SIGINT')
  assert.equal(stop.aborted, true)
  now += 499
  source.emit('SIGTERM', 'SIGTERM')
  assert.equal(leave.aborted, false)
  now += 1
  source.emit('SIGINT', 'SIGINT')
  assert.equal(leave.aborted, true)
})

test('nothing is heard any more once it is disposed', () => {
  const source = new EventEmitter()
  listenForInterrupts(source)[Symbol.dispose]()
  assert.deepEqual(source.eventNames(), [])
})
