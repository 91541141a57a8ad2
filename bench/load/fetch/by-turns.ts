import { rmSync } from 'node:fs'
import type { FetchGround } from './ground.ts'

/** Does its work in a folder, and checks it. */
export type Turn = (sandbox: string) => Promise<void>

/** Times (ms) of each way in each round, in turns: what else the machine does strikes all of them. The first round is not counted. */
export async function byTurns<W extends string> (ground: FetchGround, rounds: number, ways: Readonly<Record<W, Turn>>): Promise<Record<W, number[]>> {
  const times = Object.fromEntries(Object.keys(ways).map(way => [way, []])) as unknown as Record<W, number[]>
  for (let round = 0; round <= rounds; round++) {
    for (const way of Object.keys(ways) as W[]) {
      const sandbox = ground.sandbox()
      const begunMs = performance.now()
      await ways[way](sandbox)
      const tookMs = performance.now() - begunMs
      if (round > 0) times[way].push(tookMs)
      rmSync(sandbox, { recursive: true })
    }
  }
  return times
}
