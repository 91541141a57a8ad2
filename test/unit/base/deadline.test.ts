import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { delay, race, settlesWithin, startDeadline } from '../../../src/base/deadline.ts'
import { deferred } from '../../../src/base/deferred.ts'

const late = new Error('late')
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length
const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length

test('a deadline aborts with its own reason when its time is up', async () => {
  using deadline = startDeadline(undefined, 5, () => late)
  await assert.rejects(race(new Promise(() => {}), deadline.signal), late)
})

test('a deadline aborts with its parent, for the parent\'s reason', () => {
  const parent = new AbortController()
  using deadline = startDeadline(parent.signal, 10_000, () => late)
  parent.abort(new Error('killed'))
  assert.equal((deadline.signal.reason as Error).message, 'killed')
})

test('a deadline under a parent that has aborted is over at once', () => {
  using deadline = startDeadline(AbortSignal.abort(late), 10_000, () => new Error('wrong'))
  assert.equal(deadline.signal.reason, late)
})

test('the first reason stays', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const parent = new AbortController()
  using first = startDeadline(parent.signal, 10, () => late)
  t.mock.timers.tick(10)
  parent.abort(new Error('killed'))
  assert.equal(first.signal.reason, late)

  const other = new AbortController()
  using second = startDeadline(other.signal, 10, () => late)
  other.abort(new Error('killed'))
  t.mock.timers.tick(10)
  assert.equal((second.signal.reason as Error).message, 'killed')
})

test('its owner can end a deadline, for a reason of his own', () => {
  using deadline = startDeadline(undefined, 60_000, () => late)
  deadline.abort(new Error('enough'))
  assert.equal((deadline.signal.reason as Error).message, 'enough')
})

test('a deadline leaves neither listener nor timer behind once it is disposed', () => {
  const parent = new AbortController()
  const before = timers()
  for (let i = 0; i < 100; i++) startDeadline(parent.signal, 60_000, () => late)[Symbol.dispose]()
  assert.equal(listeners(parent.signal), 0)
  assert.equal(timers(), before)
})

test('any number of listeners on one signal is no leak to warn of', async t => {
  const warnings: string[] = []
  const note = ({ name, message }: Error): void => { if (name.startsWith('MaxListeners')) warnings.push(message) }
  process.on('warning', note)
  t.after(() => process.off('warning', note))

  const { signal } = new AbortController()
  const deadlines = Array.from({ length: 50 }, () => startDeadline(signal, 60_000, () => late))
  await Promise.all(Array.from({ length: 50 }, () => race(turn(), signal)))
  await Promise.all(Array.from({ length: 50 }, () => delay(1, signal)))
  for (const deadline of deadlines) deadline[Symbol.dispose]()
  await turn()
  assert.deepEqual(warnings, [])
  assert.equal(listeners(signal), 0)
})

test('a disposed deadline does not hear its parent any more', () => {
  const parent = new AbortController()
  const deadline = startDeadline(parent.signal, 60_000, () => late)
  deadline[Symbol.dispose]()
  parent.abort(late)
  assert.equal(deadline.signal.aborted, false)
})

test('a deadline of Infinity has no timer, and still hears its parent', () => {
  const parent = new AbortController()
  const before = timers()
  using deadline = startDeadline(parent.signal, Infinity, () => late)
  assert.equal(timers(), before)
  parent.abort(late)
  assert.equal(deadline.signal.aborted, true)
})

test('a race ends with the work, well or badly, and leaves no listener', async () => {
  const { signal } = new AbortController()
  assert.equal(await race(Promise.resolve(7), signal), 7)
  await assert.rejects(race(Promise.reject(late), signal), late)
  assert.equal(listeners(signal), 0)
})

test('a race ends with the signal\'s reason, also when it had aborted before', async () => {
  const controller = new AbortController()
  const racing = race(new Promise(() => {}), controller.signal)
  controller.abort(late)
  await assert.rejects(racing, late)
  assert.equal(listeners(controller.signal), 0)
  await assert.rejects(race(Promise.resolve(7), controller.signal), late)
})

test('work that fails after its race is over disturbs nobody', async t => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => { unhandled.push(error) }
  process.on('unhandledRejection', note)
  t.after(() => process.off('unhandledRejection', note))

  const controller = new AbortController()
  const [running, never] = [deferred(), deferred()]
  const racing = race(running.promise, controller.signal)
  controller.abort(late)
  await assert.rejects(racing, late)
  await assert.rejects(race(never.promise, controller.signal), late)
  running.reject(new Error('too late'))
  never.reject(new Error('too late'))
  await turn()
  await turn()
  assert.deepEqual(unhandled, [])
})

test('a delay waits its time, or until the signal aborts, and leaves nothing behind', async () => {
  const controller = new AbortController()
  const before = timers()
  await delay(1, controller.signal)
  const waiting = delay(60_000, controller.signal)
  controller.abort(late)
  await assert.rejects(waiting, late)
  await assert.rejects(delay(60_000, controller.signal), late)
  assert.equal(listeners(controller.signal), 0)
  assert.equal(timers(), before)
})

test('settlesWithin tells whether work settles in time, however it does, and leaves no timer', async () => {
  const before = timers()
  assert.equal(await settlesWithin(Promise.resolve(), 60_000), true)
  assert.equal(await settlesWithin(Promise.reject(late), 60_000), true)
  assert.equal(await settlesWithin(new Promise(() => {}), 1), false)
  assert.equal(timers(), before)
})
