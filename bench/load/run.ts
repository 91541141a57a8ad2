import { needsEngine, needsPrivateEngine } from '../../test/support/requires.ts'
import { runInNamespaces } from '../../test/support/run-tests.ts'
import type { Report } from '../report/report.ts'
import { runToReport } from '../report/run-to-report.ts'
import type { LoadBench } from './load-bench.ts'

export interface LoadRun {
  readonly name: string
  readonly bench: LoadBench
  readonly values: Report['options']
  readonly write: (report: Report) => void
}

/** Runs a load bench, in namespaces of its own with an engine of its own: then it is this same command (its words) that runs there. Its exit code. */
export async function runLoad ({ name, bench, values, write }: LoadRun, words: readonly string[]): Promise<number> {
  const tell = (line: string): void => { console.error(line) }
  if (bench.takesEngine === false) {
    write(await runToReport({ bench: name, options: values, work: () => bench.run({ socket: '', tell }, values) }))
    return 0
  }
  const engine = needsEngine()
  if (engine.skip === false) {
    const { socket } = engine
    write(await runToReport({ bench: name, options: values, engineSocket: socket, work: () => bench.run({ socket, tell }, values) }))
    return 0
  }
  const { skip } = needsPrivateEngine()
  if (skip === false) return await runInNamespaces(words)
  console.error(`the bench '${name}' cannot run: ${skip}`)
  return 1
}
