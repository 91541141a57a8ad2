import { setTimeout as wait } from 'node:timers/promises'
import { openEngine } from '../../../src/engine/docker-engine.ts'

const listMs = 30_000

/** How many containers the engine still has of this agent, in whatever state, once there are none or the time is up. */
export async function containersLeft (socketPath: string, instanceId: string, withinMs = 120_000): Promise<number> {
  const engine = openEngine({ socketPath })
  for (const endMs = performance.now() + withinMs; ;) {
    const left = await engine.list(`slipway.agent=${instanceId}`, AbortSignal.timeout(listMs))
    if (left.length === 0 || performance.now() > endMs) return left.length
    await wait(100)
  }
}
