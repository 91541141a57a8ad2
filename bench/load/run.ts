import { needsEngine, needsPrivateEngine } from '../../test/support/requires.ts'
import { runInNamespaces } from '../../test/support/run-tests.ts'
import type { LoadBench } from '../choose.ts'
import { benchChecks, checksTable } from './checks.ts'

export interface Figures { readonly text: string, readonly benches: unknown }

const benches: Readonly<Record<LoadBench, (socket: string) => Promise<Figures>>> = {
  async checks (socket) {
    const measured = await benchChecks(socket)
    return { text: checksTable(measured), benches: measured }
  },
}

/** Runs a load bench, in namespaces of its own with an engine of its own: then it is this same command (its words) that runs there. Its exit code. */
export async function runLoad (name: LoadBench, print: (figures: Figures) => void, words: readonly string[]): Promise<number> {
  const engine = needsEngine()
  if (engine.skip === false) {
    print(await benches[name](engine.socket))
    return 0
  }
  const { skip } = needsPrivateEngine()
  if (skip === false) return await runInNamespaces(words)
  console.error(`the bench '${name}' cannot run: ${skip}`)
  return 1
}
