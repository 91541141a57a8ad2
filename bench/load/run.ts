import { needsEngine, needsPrivateEngine } from '../../test/support/requires.ts'
import { runInNamespaces } from '../../test/support/run-tests.ts'
import type { LoadBench, LoadChoice } from '../choose.ts'
import { benchChecks, checksTable } from './checks.ts'
import { benchRecovery, recoveryTable } from './recovery.ts'

export interface Figures { readonly text: string, readonly benches: unknown }

const benches: Readonly<Record<LoadBench, (socket: string, count: number) => Promise<Figures>>> = {
  async checks (socket) {
    const measured = await benchChecks(socket)
    return { text: checksTable(measured), benches: measured }
  },
  async recovery (socket, count) {
    const measured = await benchRecovery(socket, count)
    return { text: recoveryTable(measured), benches: measured }
  },
}

/** Runs a load bench, in namespaces of its own with an engine of its own: then it is this same command (its words) that runs there. Its exit code. */
export async function runLoad ({ load: name, count }: LoadChoice, print: (figures: Figures) => void, words: readonly string[]): Promise<number> {
  const engine = needsEngine()
  if (engine.skip === false) {
    print(await benches[name](engine.socket, count))
    return 0
  }
  const { skip } = needsPrivateEngine()
  if (skip === false) return await runInNamespaces(words)
  console.error(`the bench '${name}' cannot run: ${skip}`)
  return 1
}
