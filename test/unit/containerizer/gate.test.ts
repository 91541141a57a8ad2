import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gateTimes, settled, startLaneGround } from '../../support/lane-ground.ts'

test('no launch begins while a signal waits for its answer, and removals do not hold them', async () => {
  const { add, begun, gauge } = startLaneGround()
  const stop = add('stop')
  await settled()
  const create = add('create')
  add('isolate').finish()
  await settled()
  assert.deepEqual(begun, ['stop', 'isolate'], 'what is no call to the engine goes on')
  assert.equal(await gauge('slipway_launches_paused'), 1)
  stop.finish()
  await settled()
  create.finish()
  assert.deepEqual(begun, ['stop', 'isolate', 'create'])
  add('remove')
  const next = add('create', 'next')
  await settled()
  assert.equal(begun.at(-1), 'next')
  next.finish()
})

test('launches are held from the moment a signal is asked for, its queue included', async () => {
  const { add, begun } = startLaneGround({ concurrency: { stop: 1 } })
  const [first, second] = [add('stop', 'first'), add('stop', 'second')]
  const create = add('create')
  await settled()
  first.finish()
  await settled()
  assert.deepEqual(begun, ['first', 'second'])
  second.finish()
  await settled()
  assert.deepEqual(begun, ['first', 'second', 'create'])
  create.finish()
})

test('a signal that fails, or is given up in the queue, holds nobody any more', async () => {
  const { add, begun } = startLaneGround({ concurrency: { stop: 1 } })
  const [stuck, waiting] = [add('stop', 'stuck'), add('stop', 'waiting')]
  await settled()
  waiting.caller.abort(new Error('closing'))
  stuck.caller.abort(new Error('closing'))
  await assert.rejects(stuck.told, { message: 'closing' })
  const create = add('create')
  await settled()
  assert.deepEqual(begun, ['stuck', 'create'])
  create.finish()
})

test('signals without end hold launches back a bounded time; then these have a turn, and are held again', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { add, begun, gauge } = startLaneGround()
  add('kill')
  add('create', 'early')
  const paused: number[] = []
  await settled()
  for (const stepMs of [gateTimes.maxPauseMs - 1, 1, gateTimes.turnMs - 1, 1, gateTimes.maxPauseMs - 1, 1]) {
    t.mock.timers.tick(stepMs)
    await settled()
    paused.push(await gauge('slipway_launches_paused'))
    if (paused.length === 4) add('create', 'late')
  }
  assert.deepEqual(paused, [1, 0, 0, 1, 1, 0])
  assert.deepEqual(begun, ['kill', 'early', 'late'])
})

test('when the last signal is answered the clock of the pause starts anew', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { add, gauge } = startLaneGround()
  const first = add('kill')
  await settled()
  t.mock.timers.tick(gateTimes.maxPauseMs - 10)
  first.finish()
  await settled()
  assert.equal(await gauge('slipway_launches_paused'), 0)
  add('kill', 'second')
  await settled()
  t.mock.timers.tick(20)
  assert.equal(await gauge('slipway_launches_paused'), 1)
})
