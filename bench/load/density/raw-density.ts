import { engineMemory, type EngineMemory } from '../fleet/engine-memory.ts'
import { rampOf, type Block } from '../fleet/ramp.ts'
import { startRaw } from '../launch/raw.ts'
import type { LaunchWish } from '../launch/wish.ts'

export interface RawDensity {
  readonly blocks: readonly Block[]
  readonly memory: EngineMemory
  /** That ran then: the raw program warms itself with a few. */
  readonly count: number
  readonly removedPerSecond: number
}

export interface RawDensityWish extends LaunchWish { readonly socket: string, readonly count: number, readonly atOnce: number, readonly block: number }

/** The same containers with nothing between us and the engine. */
export async function measureRaw ({ block, ...wish }: RawDensityWish): Promise<RawDensity> {
  const raw = await startRaw({ ...wish, perSecond: 0 })
  let memory: EngineMemory
  let startedAtMs: number
  try {
    memory = engineMemory()
  } finally {
    startedAtMs = performance.now()
    await raw[Symbol.asyncDispose]()
  }
  const count = wish.count + Math.min(wish.count, wish.atOnce)
  const removedPerSecond = count / (performance.now() - startedAtMs) * 1000
  return { blocks: rampOf(raw.launches.map(({ doneMs }) => doneMs), 0, block), memory, count, removedPerSecond }
}
