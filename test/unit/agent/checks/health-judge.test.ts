import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HealthCheck } from '../../../../src/agent/checks/check.ts'
import { healthJudge } from '../../../../src/agent/checks/health-judge.ts'

const check: HealthCheck = { target: { kind: 'TCP', port: 1, family: 'IPv4' }, delayMs: 0, intervalMs: 0, timeoutMs: 0, graceMs: 1000, maxFailures: 2 }
const good = { isGood: true, says: 'good' }
const bad = { isGood: false, says: 'bad' }

test('the first success is told, the next ones are not, and one after a failure is', () => {
  const judge = healthJudge(check, 0)
  assert.deepEqual(judge(good, 1), { isHealthy: true, failures: 0, isOver: false })
  assert.equal(judge(good, 2), undefined)
  assert.deepEqual(judge(bad, 3), { isHealthy: false, failures: 1, isOver: false })
  assert.equal(judge(good, 4)?.isHealthy, true)
})

test('failures before the first success do not count within the grace, and do after it', () => {
  const judge = healthJudge(check, 0)
  for (const nowMs of [1, 500, 1000]) assert.equal(judge(bad, nowMs), undefined)
  assert.deepEqual(judge(bad, 1001), { isHealthy: false, failures: 1, isOver: false })
})

test('the grace is over with the first success', () => {
  const judge = healthJudge(check, 0)
  judge(good, 1)
  assert.equal(judge(bad, 2)?.failures, 1)
})

test('so many failures in a row are too many; a success between them begins anew', () => {
  const judge = healthJudge(check, 0)
  const all = [good, bad, good, bad, bad].map((finding, at) => judge(finding, at)?.isOver)
  assert.deepEqual(all, [false, false, false, false, true])
})

test('where no failure is allowed the first is too many', () => {
  assert.equal(healthJudge({ ...check, maxFailures: 0 }, 0)(bad, 2000)?.isOver, true)
})
