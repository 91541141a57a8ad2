import assert from 'node:assert/strict'
import { eventually } from './eventually.ts'
import type { TestAgent } from './test-agent.ts'

/** What an operator is promised. */
export const toldWithinMs = 10_000

export async function healthOf (agent: TestAgent): Promise<Record<string, unknown>> {
  const askedAt = performance.now()
  const { status, text } = await agent.get('/health')
  assert.equal(status, 200)
  assert.ok(performance.now() - askedAt < 2_000, 'the door answers at once, whatever the engine does')
  return JSON.parse(text) as Record<string, unknown>
}

export async function untilEngineIs (agent: TestAgent, condition: string): Promise<void> {
  await eventually(async () => (await healthOf(agent))['engine'] === condition, { withinMs: toldWithinMs, reason: `an engine that is ${condition}` })
  await eventually(async () => await agent.metric(`slipway_engine_condition{condition="${condition}"}`) === 1)
  assert.equal(await agent.metric('slipway_engine_up'), Number(condition === 'up'))
}
