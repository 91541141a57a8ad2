import { choose } from './choose.ts'
import { runLoad } from './load/run.ts'
import { microFindings } from './micro/run.ts'
import { runToReport } from './report/run-to-report.ts'
import { writeReport } from './report/write-report.ts'

process.exitCode = await main(process.argv.slice(2))

async function main (words: readonly string[]): Promise<number> {
  const choice = choose(words)
  if ('refusal' in choice) {
    console.error(choice.refusal)
    return 2
  }
  if ('help' in choice) {
    console.log(choice.help)
    return 0
  }
  const { name, outputs } = choice
  if ('load' in choice) {
    const { load: bench, values } = choice
    return await runLoad({ name, bench, values, write: report => { writeReport(report, outputs) } }, process.argv.slice(1))
  }
  writeReport(await runToReport({ bench: name, options: {}, work: () => microFindings(choice.micro) }), outputs)
  return 0
}
