import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Registry } from 'prom-client'
import { alarmClock, type Cancel } from '../../../../src/base/alarm-clock.ts'
import { deferred, type Deferred } from '../../../../src/base/deferred.ts'
import type { Check, Finding } from '../../../../src/agent/checks/check.ts'
import { checkMetrics } from '../../../../src/agent/checks/metrics.ts'
import { places } from '../../../../src/agent/checks/places.ts'
import { startRounds, type RoundsDeps } from '../../../../src/agent/checks/rounds.ts'

const check: Check = { target: { kind: 'TCP', port: 1, family: 'IPv4' }, delayMs: 100, intervalMs: 50, timeoutMs: 1000 }
const good: Finding = { isGood: true, says: 'good' }

interface Look { readonly answer: Deferred<Finding | undefined>, readonly signal: AbortSignal }
interface Ground { readonly looks: Look[], readonly deps: RoundsDeps, readonly registry: Registry, pass (ms: number): Promise<void> }

/** Rounds on mocked timers; each look waits to be answered. */
function ground (t: TestContext, limit = 10): Ground {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const looks: Look[] = []
  const all = places(limit)
  const registry = new Registry()
  const deps: RoundsDeps = {
    clock: alarmClock(() => Date.now()), places: { TCP: all, HTTP: all, COMMAND: all }, metrics: checkMetrics(registry),
    look: signal => {
      const answer = deferred<Finding | undefined>()
      looks.push({ answer, signal })
      return answer.promise
    },
  }
  const settled = async (): Promise<void> => { for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate) }
  return { looks, deps, registry, async pass (ms) { t.mock.timers.tick(ms); await settled() } }
}

test('the first look is after the delay, the next an interval after the end of the one before', async t => {
  const { looks, deps, pass } = ground(t)
  const found: Finding[] = []
  startRounds(check, deps, finding => { found.push(finding) })
  await pass(99)
  assert.equal(looks.length, 0)
  await pass(1)
  assert.equal(looks.length, 1)
  await pass(500)
  assert.equal(looks.length, 1)
  looks[0]?.answer.resolve(good)
  await pass(0)
  assert.deepEqual(found, [good])
  await pass(49)
  assert.equal(looks.length, 1)
  await pass(1)
  assert.equal(looks.length, 2)
})

test('a look that could not be made is told to nobody, and the next one comes', async t => {
  const { looks, deps, pass } = ground(t)
  const found: Finding[] = []
  startRounds(check, deps, finding => { found.push(finding) })
  await pass(100)
  looks[0]?.answer.resolve(undefined)
  await pass(0)
  await pass(50)
  assert.deepEqual([found.length, looks.length], [0, 2])
})

test('once cancelled no look begins, and one under way is ended and heard by nobody', async t => {
  const { looks, deps, pass } = ground(t)
  const found: Finding[] = []
  const cancel = startRounds(check, deps, finding => { found.push(finding) })
  await pass(100)
  cancel()
  assert.equal(looks[0]?.signal.aborted, true)
  looks[0].answer.resolve(good)
  await pass(1000)
  assert.deepEqual([found.length, looks.length], [0, 1])
})

test('whoever hears of a finding may cancel at once', async t => {
  const { looks, deps, pass } = ground(t)
  const cancel: Cancel = startRounds(check, deps, () => { cancel() })
  await pass(100)
  looks[0]?.answer.resolve(good)
  await pass(0)
  await pass(1000)
  assert.equal(looks.length, 1)
})

test('no more looks at once than there are places; who waits for one may leave, and its lateness is measured', async t => {
  const { looks, deps, pass, registry } = ground(t, 1)
  const cancels = [1, 2, 3].map(() => startRounds(check, deps, () => {}))
  await pass(100)
  assert.equal(looks.length, 1)
  cancels[1]?.()
  looks[0]?.answer.resolve(good)
  await pass(0)
  assert.equal(looks.length, 2)
  assert.match(await registry.metrics(), /slipway_check_lateness_seconds_count\{kind="TCP"\} 2/)
})
