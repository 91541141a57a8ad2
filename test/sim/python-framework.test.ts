import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

const timeoutMs = 90_000
const hasPython = spawnSync('python3', ['--version']).status === 0

test('a framework in plain Python launches, fails over, reconciles, kills and goes', { skip: hasPython ? false : 'python3 is not here' }, async t => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const { hostname, port } = new URL(agent.url)
  const { stdout, stderr } = await promisify(execFile)('python3', ['test/python/framework.py', hostname, port], {
    env: { ...process.env, SLIPWAY_TOKEN: agent.token }, timeout: timeoutMs,
  })
  assert.deepEqual(stderr.trim().split('\n').slice(1), ['ten tasks launched', 'failed over', 'reconciled', 'killed', 'torn down'])
  const { states, events } = JSON.parse(stdout) as { states: Record<string, string[]>, events: Record<string, number> }
  assert.equal(Object.keys(states).length, 10)
  t.diagnostic(JSON.stringify(events))
})
