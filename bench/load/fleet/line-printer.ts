import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../../test/support/eventually.ts'

/** A shell line that prints numbered lines, one each so many seconds. */
export function linePrinter (everySeconds: number): string {
  return `i=0; while true; do echo line $i; i=$((i+1)); sleep ${everySeconds}; done`
}

/** The sandbox of a task that has run but once. */
export async function sandboxOf (workDir: string, taskId: string): Promise<string> {
  const [agent = ''] = (await readdir(join(workDir, 'slaves'))).filter(name => name !== 'latest')
  const frameworks = join(workDir, 'slaves', agent, 'frameworks')
  const [framework = ''] = await readdir(frameworks)
  return join(frameworks, framework, 'executors', taskId, 'runs', 'latest')
}

/** How many lines such a task has in its sandbox. Throws if they are not the very lines that it prints, each once and in order. */
export async function linesIn (sandbox: string): Promise<number> {
  const text = await readFile(join(sandbox, 'stdout'), 'utf8')
  const lines = text.split('\n').slice(0, -1)
  const expected = lines.map((_, at) => `line ${at}\n`).join('')
  if (text !== expected) throw new Error(`${sandbox}/stdout is not what was printed: ${JSON.stringify(text.slice(0, 1000))}`)
  return lines.length
}

/** Back when each of them has printed on: at least one line more than it had. Answers all lines. */
export async function printedOn (sandboxes: readonly string[], withinMs: number): Promise<number> {
  const before = await Promise.all(sandboxes.map(linesIn))
  const after = await Promise.all(sandboxes.map(async (sandbox, at) => await eventually(async () => {
    const lines = await linesIn(sandbox)
    return lines > (before[at] ?? 0) && lines
  }, { withinMs, everyMs: 500, reason: `another line in ${sandbox}` })))
  return after.reduce((sum, lines) => sum + lines, 0)
}
