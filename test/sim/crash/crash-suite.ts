import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Chain } from './chain.ts'
import { isOfEveryRestart, nameOf, type Point } from './points.ts'
import type { Scenario } from './scenarios.ts'

/** Agents and engines that are at work at the same time. */
const atOnce = 4
/** Points that one of them goes through; a failure begins anew. */
const inOneChain = 12

/** Records each scenario without a crash, then lets the agent die at each of its points. */
export async function crashEverywhere (scenarios: readonly Scenario[]): Promise<void> {
  const recorded = await Promise.all(scenarios.map(async scenario => {
    const chain = new Chain(scenario)
    return { chain, all: await chain.record() }
  }))
  const chains = recorded.map(({ chain, all }) => {
    const { beyond, isMoreThanRestart = false } = chain.scenario
    const elsewhere = recorded.find(one => one.chain.scenario.name === beyond)?.all.map(nameOf) ?? []
    return split(chain, all.filter(point => !elsewhere.includes(nameOf(point)) && !(isMoreThanRestart && isOfEveryRestart(point))))
  }).flat()
  const pointsIn = ({ name }: Scenario): Point[] => chains.flatMap(({ chain, points }) => chain.scenario.name === name ? points : [])
  describe('an agent that is killed comes back to one truth per task, nothing left and nothing doubled', { concurrency: atOnce }, () => {
    after(() => {
      for (const scenario of scenarios) console.log(`crash points in ${scenario.name}: ${countOf(pointsIn(scenario))}`)
      console.log(`crash points in all: ${countOf(chains.flatMap(({ points }) => points))}`)
    })
    for (const { chain, points } of chains) {
      describe(`in ${chain.scenario.name}`, { concurrency: 1 }, () => {
        after(() => chain.close())
        for (const point of points) test(nameOf(point), async () => { await chain.dieAt(point) })
        test('nearly all of these points came again', async () => {
          // On a busy machine commits come together that came one after the other when they were recorded, and apart at another try.
          for (let tries = 0; tries < 3 && chain.missed.length > 1; tries++) for (const point of chain.missed.splice(0)) await chain.dieAt(point)
          assert.ok(chain.missed.length <= 1, `these did not: ${chain.missed.map(nameOf).join(', ')}`)
        })
      })
    }
  })
}

function split (first: Chain, points: readonly Point[]): Array<{ chain: Chain, points: readonly Point[] }> {
  const starts = Array.from({ length: Math.max(1, Math.ceil(points.length / inOneChain)) }, (_, i) => i * inOneChain)
  return starts.map(at => ({ chain: at === 0 ? first : new Chain(first.scenario), points: points.slice(at, at + inOneChain) }))
}

function countOf (points: readonly Point[]): string {
  const atCalls = points.filter(point => 'call' in point).length
  return `${points.length}: ${atCalls} at calls, ${points.length - atCalls} at commits`
}
