import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { alarmClock } from '../../../src/base/alarm-clock.ts'

/** A clock on mocked timers, whose `now` goes with them. */
function mocked (t: TestContext): { clock: ReturnType<typeof alarmClock>, pass: (ms: number) => void } {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  return { clock: alarmClock(() => Date.now()), pass: ms => { t.mock.timers.tick(ms) } }
}

test('alarms ring in the order of their times, whatever order they were set in', t => {
  const { clock, pass } = mocked(t)
  const times = [50, 10, 40, 20, 30, 10, 60]
  const rang: number[] = []
  for (const ms of times) clock.in(ms, () => { rang.push(ms) })
  for (let ms = 0; ms < 100; ms++) pass(1)
  assert.deepEqual(rang, [...times].sort((a, b) => a - b))
})

test('an alarm does not ring before its time', t => {
  const { clock, pass } = mocked(t)
  let rang = 0
  clock.in(100, () => { rang++ })
  pass(99)
  assert.equal(rang, 0)
  pass(1)
  assert.equal(rang, 1)
})

test('an alarm that was taken back does not ring, and the others do', t => {
  const { clock, pass } = mocked(t)
  const rang: string[] = []
  const cancel = clock.in(10, () => { rang.push('taken back') })
  clock.in(20, () => { rang.push('kept') })
  cancel()
  cancel()
  pass(30)
  assert.deepEqual(rang, ['kept'])
})

test('many alarms taken back leave the others to ring in order', t => {
  const { clock, pass } = mocked(t)
  const rang: number[] = []
  for (let at = 0; at < 5000; at++) {
    const cancel = clock.in(at % 100, () => { rang.push(at % 100) })
    if (at % 10 !== 0) cancel()
  }
  for (let ms = 0; ms < 110; ms++) pass(1)
  assert.deepEqual(rang, Array.from({ length: 500 }, (_, at) => Math.floor(at / 50) * 10))
})

test('an alarm may set the next one, and tells how late it is', t => {
  const { clock, pass } = mocked(t)
  const late: number[] = []
  const again = (lateMs: number): void => {
    late.push(lateMs)
    if (late.length < 3) clock.in(10, again)
  }
  clock.in(10, again)
  for (let ms = 0; ms < 40; ms++) pass(1)
  assert.deepEqual(late, [0, 0, 0])
})

test('an alarm further away than setTimeout can count rings at its time', t => {
  const { clock, pass } = mocked(t)
  const longMs = 2 ** 31 + 1000
  let rang = 0
  clock.in(longMs, () => { rang++ })
  pass(2 ** 31 - 1)
  assert.equal(rang, 0)
  pass(1001)
  assert.equal(rang, 1)
})

test('a clock that is closed rings no more', t => {
  const { clock, pass } = mocked(t)
  let rang = 0
  clock.in(10, () => { rang++ })
  clock.close()
  pass(20)
  assert.equal(rang, 0)
})
