import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import type { FaultName } from '../support/chaos/faults.ts'
import { runChaos } from '../support/chaos/run-chaos.ts'
import { needsPrivateEngine } from '../support/requires.ts'

const { skip } = needsPrivateEngine()
const seed = Number(process.env['SLIPWAY_TEST_SEED'] ?? randomInt(2 ** 31))
const rounds = 3

async function assertKept (t: TestContext, faults: readonly FaultName[]): Promise<{ gaps: number }> {
  const report = await runChaos({ seed, faults, killShare: 0.5, pieces: [20, 60], isOver: done => done >= rounds, tell: line => { t.diagnostic(line) } })
  for (const line of report.text.split('\n')) t.diagnostic(line)
  assert.ok(report.isClean, report.text)
  assert.ok(report.bytes > 0)
  return report
}

test('an agent that is killed again and again under load loses, leaks and doubles nothing', { skip, timeout: 180_000 }, async t => {
  const { gaps } = await assertKept(t, ['agent killed', 'agent killed, down for a while', 'agent restarted'])
  assert.equal(gaps, 0)
})

test('over kills of the engine output stays in order, is never there twice, and what died is marked', { skip, timeout: 180_000 }, async t => {
  await assertKept(t, ['engine killed'])
})
