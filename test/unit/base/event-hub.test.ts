import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventHub } from '../../../src/base/event-hub.ts'

test('each who listens hears every event in order, until it leaves', () => {
  const hub = eventHub<number>()
  const heard: string[] = []
  const leave = hub.listen(event => { heard.push(`a${event}`) })
  hub.listen(event => { heard.push(`b${event}`) })
  hub.tell(1)
  leave()
  leave()
  hub.tell(2)
  assert.deepEqual(heard, ['a1', 'b1', 'b2'])
})

test('one function that listens twice leaves once at a time', () => {
  const hub = eventHub<number>()
  let count = 0
  const listener = (): void => { count++ }
  const leave = hub.listen(listener)
  hub.listen(listener)
  leave()
  hub.tell(1)
  assert.equal(count, 1)
})

test('who leaves while it is told does no harm to the others', () => {
  const hub = eventHub<number>()
  const heard: string[] = []
  const leave = hub.listen(() => { leave(); heard.push('first') })
  hub.listen(() => { heard.push('second') })
  hub.tell(1)
  assert.deepEqual(heard, ['first', 'second'])
})
