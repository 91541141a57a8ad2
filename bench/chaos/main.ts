import { randomInt } from 'node:crypto'
import { faultNames } from '../../test/support/chaos/faults.ts'
import { runChaos } from '../../test/support/chaos/run-chaos.ts'
import { needsEngine, needsPrivateEngine } from '../../test/support/requires.ts'
import { runInNamespaces } from '../../test/support/run-tests.ts'
import { chooseChaos, type ChaosChoice } from './choose-chaos.ts'

process.exitCode = await main(process.argv.slice(2))

/** In namespaces of its own, from which nothing can be left behind: it is this same command that runs there, with its seed. */
async function main (words: readonly string[]): Promise<number> {
  const choice = chooseChaos(words, randomInt(2 ** 31))
  if ('refusal' in choice) {
    console.error(choice.refusal)
    return 2
  }
  if (needsEngine().skip === false) return await soak(choice)
  const { skip } = needsPrivateEngine()
  if (skip === false) return await runInNamespaces([process.argv[1] ?? '', '--minutes', String(choice.minutes), '--seed', String(choice.seed)])
  console.error(`chaos cannot run: ${skip}`)
  return 1
}

async function soak ({ minutes, seed }: ChaosChoice): Promise<number> {
  console.log(`chaos for ${minutes} minutes; to repeat it: npm run chaos -- --minutes ${minutes} --seed ${seed}`)
  const startedAt = performance.now()
  const isOver = (): boolean => performance.now() - startedAt > minutes * 60_000
  const report = await runChaos({ seed, faults: faultNames, killShare: 0.4, pieces: [10, 120], isOver, tell: line => { console.log(line) } })
  console.log(report.text)
  return report.isClean ? 0 : 1
}
