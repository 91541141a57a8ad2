import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { launchPriority } from '../../../src/agent/launch-priority.ts'
import type { Operation } from '../../../src/containerizer/operations.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { settled, startLaneGround, type Job } from '../../support/lane-ground.ts'

const killed = new AgentError('CANCELLED', 'killed')

function priorityOf (steps: number, arrivedAtMs: number): number {
  return launchPriority({ labels: [{ key: 'slipway.priority', value: `${steps}` }] }, arrivedAtMs)
}

test('a lane runs as many as it may, the others in the order of their priority', async () => {
  const { add, begun } = startLaneGround({ concurrency: { create: 2 } })
  const jobs = [['a', 0], ['b', 0], ['c', 1], ['d', 3], ['e', 2]].map(([name, priority]) => add('create', String(name), Number(priority)))
  await settled()
  assert.deepEqual(begun, ['a', 'b'])
  for (const job of jobs) { job.finish(); await settled() }
  assert.deepEqual(begun, ['a', 'b', 'd', 'e', 'c'])
})

test('a launch of priority 0 behind an endless stream of priority 10 starts in bounded time', async () => {
  const { add, begun } = startLaneGround({ concurrency: { create: 1 } })
  const [first, stepMs, arrivalsPerStep] = [add('create', 'first'), 1_000, 2]     // twice as many come as there is time for
  const running: Job[] = [first]
  const patient = add('create', 'patient', priorityOf(0, 0))
  const waiting = new Map<string, Job>([['patient', patient]])
  let nowMs = 0
  while (!begun.includes('patient') && nowMs < 3_600_000) {
    nowMs += stepMs
    for (let i = 0; i < arrivalsPerStep; i++) {
      const name = `urgent ${nowMs}.${i}`
      waiting.set(name, add('create', name, priorityOf(10, nowMs)))
    }
    running.shift()?.finish()
    await settled()
    running.push(waiting.get(begun.at(-1) ?? '') as Job)
  }
  // Ten steps of ten seconds ahead of it: what came in the first 100 s goes first, and no more.
  assert.ok(nowMs > 100_000 && nowMs <= 202_000, `it started after ${nowMs / 1000} s`)
})

test('a place is held until the operation has settled, although its caller has been told', async () => {
  const { add, begun, gauge } = startLaneGround({ concurrency: { start: 1 } })
  const stuck = add('start', 'stuck')
  const next = add('start', 'next')
  await settled()
  stuck.caller.abort(killed)
  await assert.rejects(stuck.told, killed)
  await settled()
  assert.deepEqual(begun, ['stuck'])
  assert.equal(stuck.given()?.aborted, false, 'a start cannot be un-sent')
  stuck.finish()
  await settled()
  assert.deepEqual(begun, ['stuck', 'next'])
  next.finish()
  await next.told
  assert.equal(await gauge('slipway_overdue_operations'), 0)
})

test('what can be aborted is, with its caller\'s reason', async () => {
  const { add } = startLaneGround()
  const job = add('fetch')
  await settled()
  job.caller.abort(killed)
  await assert.rejects(job.told, killed)
  assert.equal(job.given()?.reason, killed)
  job.finish()
})

test('an overdue operation goes into quarantine and its place to the next', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { add, begun, gauge } = startLaneGround({ concurrency: { create: 1 }, timeoutMs: 5_000 })
  const stuck = add('create', 'stuck')
  add('create', 'next').finish()
  await settled()
  t.mock.timers.tick(4_999)
  await settled()
  assert.deepEqual(begun, ['stuck'])
  t.mock.timers.tick(1)
  await assert.rejects(stuck.told, { code: 'STAGE_TIMEOUT', message: 'took over 5 s' })
  await settled()
  assert.deepEqual(begun, ['stuck', 'next'])
  assert.equal(await gauge('slipway_overdue_operations'), 1)
  stuck.finish()
  await settled()
  assert.equal(await gauge('slipway_overdue_operations'), 0)
})

test('one whose caller gave up goes into quarantine too when its time is over', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { add, begun, gauge } = startLaneGround({ concurrency: { start: 1 }, timeoutMs: 5_000 })
  const stuck = add('start', 'stuck')
  add('start', 'next')
  await settled()
  stuck.caller.abort(killed)
  await assert.rejects(stuck.told, killed)
  t.mock.timers.tick(5_000)
  await settled()
  assert.deepEqual(begun, ['stuck', 'next'])
  assert.equal(await gauge('slipway_overdue_operations'), 1)
})

test('a full quarantine pauses launches, and destroys go on however many hang', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { add, begun, gauge } = startLaneGround({ concurrency: { create: 2, kill: 1 }, timeoutMs: 5_000, quarantineLimit: 2 })
  const stuck = [add('create', 'stuck 1'), add('create', 'stuck 2')]
  await settled()
  t.mock.timers.tick(5_000)
  await settled()
  assert.equal(await gauge('slipway_launches_paused'), 1)
  const launch = add('start', 'launch')
  add('inspect', 'update').finish()
  const hung = add('kill', 'hung kill')
  await settled()
  t.mock.timers.tick(5_000)
  await assert.rejects(hung.told, { code: 'STAGE_TIMEOUT' })
  add('kill', 'next kill').finish()
  await settled()
  assert.deepEqual(begun, ['stuck 1', 'stuck 2', 'update', 'hung kill', 'next kill'])
  stuck[0]?.finish()
  await settled()
  assert.equal(begun.at(-1), 'launch')
  assert.equal(await gauge('slipway_launches_paused'), 0)
  launch.finish()
})

for (const where of ['lane', 'gate'] as const) {
  test(`an abort while it waits for its ${where} takes it out at once: it never begins, and leaves no listener`, async () => {
    const { add, begun } = startLaneGround(where === 'lane' ? { concurrency: { create: 1 } } : { places: { launch: 1 } })
    const first = add('create', 'first')
    const second = add('create', 'second')
    await settled()
    second.caller.abort(killed)
    await assert.rejects(second.told, killed)
    const third = add('create', 'third')
    first.finish()
    await settled()
    assert.deepEqual(begun, ['first', 'third'])
    third.finish()
    await third.told
    for (const { caller } of [first, second, third]) assert.equal(getEventListeners(caller.signal, 'abort').length, 0)
  })
}

test('one that was aborted before never begins', async () => {
  const { lanes } = startLaneGround()
  const operation = (): Promise<never> => assert.fail('it began')
  await assert.rejects(lanes.run({ stage: 'create', priority: 0 }, operation, AbortSignal.abort(killed)), killed)
})

/** Holds the gate's places for launches, and says what still begins. */
const classes: ReadonlyArray<readonly [stage: Operation, begins: boolean]> = [
  ['create', false], ['attach', false], ['start', false], ['image', false], ['transfer', false],
  ['inspect', true], ['stop', true], ['kill', true], ['remove', true], ['prepare', true], ['fetch', true], ['isolate', true],
]

for (const [stage, begins] of classes) {
  test(`${stage} ${begins ? 'begins' : 'waits'} while all places for launches are taken`, async () => {
    const { add, begun } = startLaneGround({ places: { launch: 1 } })
    const holder = add(stage === 'create' ? 'start' : 'create', 'holder')
    await settled()
    const job = add(stage, 'asked')
    await settled()
    assert.equal(begun.includes('asked'), begins)
    holder.finish()
    await settled()
    assert.ok(begun.includes('asked'))
    job.finish()
    await job.told
  })
}
