import { interruptible } from './ab/interruptible.ts'
import { runAb } from './ab/run-ab.ts'
import { choose, type Choice } from './choose.ts'
import { runLoad } from './load/run.ts'
import { microFindings } from './micro/run.ts'
import { comparisonTable } from './report/compare.ts'
import { readReport } from './report/read-report.ts'
import { runToReport } from './report/run-to-report.ts'
import { writeReport } from './report/write-report.ts'

process.exitCode = await main(process.argv.slice(2))

async function main (words: readonly string[]): Promise<number> {
  const choice = choose(words)
  if ('refusal' in choice) {
    console.error(choice.refusal)
    return 2
  }
  if ('help' in choice) return show(choice.help)
  if ('compare' in choice || 'ab' in choice) return await compareTwo(choice)
  const { name, outputs } = choice
  if ('load' in choice) {
    const { load: bench, values } = choice
    return await runLoad({ name, bench, values, write: report => { writeReport(report, outputs) } }, process.argv.slice(1))
  }
  writeReport(await runToReport({ bench: name, options: {}, work: () => microFindings(choice.micro) }), outputs)
  return 0
}

async function compareTwo (choice: Extract<Choice, { compare: unknown } | { ab: unknown }>): Promise<number> {
  try {
    if ('ab' in choice) return show(await interruptible(signal => runAb(choice.ab, process.cwd(), signal)))
    const [a, b] = choice.compare
    return show(comparisonTable(readReport(a), readReport(b)))
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
}

function show (text: string): number {
  console.log(text)
  return 0
}
