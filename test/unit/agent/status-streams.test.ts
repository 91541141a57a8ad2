import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { StatusStreams } from '../../../src/agent/status-streams.ts'
import type { v1 } from '../../../src/wire/messages.ts'

function status (taskId: string, number: number): v1.TaskStatus {
  return { task_id: { value: taskId }, state: 'TASK_RUNNING', uuid: Buffer.from([number]) }
}

type OnDeliver = (streams: StatusStreams, told: string) => void

/** Streams on a clock that the test moves, and what they have delivered. */
function startStreams (t: TestContext, onDeliver: OnDeliver = () => {}): { streams: StatusStreams, told: string[] } {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const told: string[] = []
  const streams = new StatusStreams({
    repeatMs: [10_000, 40_000],
    deliver: (frameworkId, { task_id: { value }, uuid }) => {
      const word = `${frameworkId} ${value} ${uuid?.[0]}`
      told.push(word)
      onDeliver(streams, word)
    },
  })
  return { streams, told }
}

const acknowledge = (streams: StatusStreams, framework: string, task: string, number: number): boolean =>
  streams.acknowledge(framework, task, Buffer.from([number]))

test('of one task the next update goes out when the one before is acknowledged', t => {
  const { streams, told } = startStreams(t)
  for (const number of [1, 2, 3]) streams.push('f', status('t', number))
  assert.deepEqual(told, ['f t 1'])
  assert.equal(acknowledge(streams, 'f', 't', 1), true)
  assert.deepEqual(told, ['f t 1', 'f t 2'])
  assert.equal(streams.pending, 2)
})

test('tasks do not wait for each other, nor do equal names of two frameworks', t => {
  const { streams, told } = startStreams(t)
  streams.push('f', status('a', 1))
  streams.push('f', status('b', 2))
  streams.push('g', status('a', 3))
  assert.deepEqual(told, ['f a 1', 'f b 2', 'g a 3'])
})

test('an update that nobody acknowledges is repeated, less and less often', t => {
  t.mock.method(Math, 'random', () => 0.5)
  const { streams, told } = startStreams(t)
  streams.push('f', status('t', 1))
  const repeats = [10_000, 20_000, 40_000, 40_000].map(ms => {
    t.mock.timers.tick(ms - 1)
    const early = told.length
    t.mock.timers.tick(1)
    return told.length - early
  })
  assert.deepEqual(repeats, [1, 1, 1, 1])
  assert.deepEqual(told, Array<string>(5).fill('f t 1'))
})

test('what is acknowledged is repeated no more', t => {
  const { streams, told } = startStreams(t)
  streams.push('f', status('t', 1))
  acknowledge(streams, 'f', 't', 1)
  t.mock.timers.tick(10_000_000)
  assert.deepEqual(told, ['f t 1'])
  assert.equal(streams.pending, 0)
})

test('the next update waits as long as the first did', t => {
  t.mock.method(Math, 'random', () => 0.5)
  const { streams, told } = startStreams(t)
  streams.push('f', status('t', 1))
  streams.push('f', status('t', 2))
  t.mock.timers.tick(30_000)
  acknowledge(streams, 'f', 't', 1)
  told.length = 0
  t.mock.timers.tick(10_000)
  assert.deepEqual(told, ['f t 2'])
})

test('an acknowledgement that is not awaited changes nothing', t => {
  const { streams, told } = startStreams(t)
  streams.push('f', status('t', 1))
  streams.push('f', status('t', 2))
  assert.equal(acknowledge(streams, 'f', 't', 2), false, 'it has not gone out yet')
  assert.equal(acknowledge(streams, 'f', 'other', 1), false)
  assert.equal(acknowledge(streams, 'other', 't', 1), false)
  assert.equal(acknowledge(streams, 'f', 't', 1), true)
  assert.equal(acknowledge(streams, 'f', 't', 1), false, 'a second time')
  assert.deepEqual(told, ['f t 1', 'f t 2'])
})

test('a framework that can hear again is told at once what waits, others are not', t => {
  const { streams, told } = startStreams(t)
  for (const task of ['a', 'b']) streams.push('f', status(task, 1))
  streams.push('g', status('a', 1))
  told.length = 0
  streams.resend('f')
  assert.deepEqual(told, ['f a 1', 'f b 1'])
  streams.resend('nobody')
  assert.equal(told.length, 2)
})

test('a resend takes the place of the repeat: nothing is told twice', t => {
  t.mock.method(Math, 'random', () => 0.5)
  const { streams, told } = startStreams(t)
  streams.push('f', status('t', 1))
  t.mock.timers.tick(5_000)
  streams.resend('f')
  t.mock.timers.tick(9_999)
  assert.equal(told.length, 2)
  t.mock.timers.tick(1)
  assert.equal(told.length, 3)
})

test('a framework that is dropped is told nothing more, and owes nothing', t => {
  const { streams, told } = startStreams(t)
  streams.push('f', status('t', 1))
  streams.push('g', status('t', 1))
  streams.drop('f')
  told.length = 0
  streams.resend('f')
  assert.equal(streams.pending, 1)
  t.mock.timers.tick(15_000)
  assert.deepEqual(told, ['g t 1'])
})

test('whoever acknowledges while being told gets them all in order', t => {
  const { streams, told } = startStreams(t, (streams, word) => { acknowledge(streams, 'f', 't', Number(word.at(-1))) })
  for (const number of [1, 2, 3]) streams.push('f', status('t', number))
  assert.deepEqual(told, ['f t 1', 'f t 2', 'f t 3'])
  assert.equal(streams.pending, 0)
})

test('of more than a thousand updates that nobody hears, the latest takes the place of the one before', t => {
  const { streams } = startStreams(t)
  for (let number = 0; number < 1500; number++) streams.push('f', status('t', number % 256))
  assert.equal(streams.pending, 1000)
  for (let number = 0; number < 999; number++) assert.ok(acknowledge(streams, 'f', 't', number % 256))
  assert.ok(acknowledge(streams, 'f', 't', 1499 % 256))
  assert.equal(streams.pending, 0)
})
