import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { CleanupStack } from '../../../src/base/cleanup-stack.ts'

test('clean-ups run last first, each after the one before has ended', async () => {
  const order: string[] = []
  {
    await using stack = new CleanupStack()
    stack.defer(() => { order.push('first') })
    stack.use({ async [Symbol.asyncDispose] () { await turn(); order.push('second') } })
    stack.defer(async () => { await turn(); order.push('third') })
  }
  assert.deepEqual(order, ['third', 'second', 'first'])
})

test('use hands its resource back', async () => {
  await using stack = new CleanupStack()
  const resource = { async [Symbol.asyncDispose] () {} }
  assert.equal(stack.use(resource), resource)
})

test('a clean-up that fails keeps no other from its turn, and all failures are told', async () => {
  const stack = new CleanupStack()
  let isDone = false
  stack.defer(() => { isDone = true })
  stack.defer(() => { throw new Error('sync') })
  stack.defer(async () => { throw new Error('async') })
  await assert.rejects(stack[Symbol.asyncDispose](), (error: AggregateError) => {
    assert.deepEqual(error.errors.map(String), ['Error: async', 'Error: sync'])
    return true
  })
  assert.equal(isDone, true)
})

test('what was moved is done by the new owner alone, and once', async () => {
  let count = 0
  const stack = new CleanupStack()
  stack.defer(() => { count++ })
  const owner = stack.move()
  await stack[Symbol.asyncDispose]()
  assert.equal(count, 0)
  await owner[Symbol.asyncDispose]()
  await owner[Symbol.asyncDispose]()
  assert.equal(count, 1)
})
