import assert from 'node:assert/strict'
import { openEngine } from '../../src/engine/docker-engine.ts'
import { eventually } from './eventually.ts'

const listMs = 5_000

/** Waits until the engine has no container of this agent any more, in whatever state. */
export async function nothingLeft (socketPath: string, instanceId: string, withinMs = 30_000): Promise<void> {
  const engine = openEngine({ socketPath })
  await eventually(async () => {
    assert.deepEqual(await engine.list(`slipway.agent=${instanceId}`, AbortSignal.timeout(listMs)), [])
  }, { withinMs, reason: 'an engine without containers of ours' })
}
