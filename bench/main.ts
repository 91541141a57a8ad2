import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { choose } from './choose.ts'
import { runLoad } from './load/run.ts'
import { runMicro } from './micro/run.ts'
import { table } from './table.ts'

const choice = choose(process.argv.slice(2))
if ('refusal' in choice) {
  console.error(choice.refusal)
  process.exitCode = 2
} else if ('load' in choice) {
  process.exitCode = await runLoad(choice, figures => { print(choice.out, figures) }, process.argv.slice(1))
} else {
  const measured = await runMicro(choice.registers)
  print(choice.out, { text: table(measured), benches: measured })
}

function print (out: string | undefined, { text, benches }: { text: string, benches: unknown }): void {
  console.log(text)
  if (out === undefined) return
  const machine = { node: process.version, cpu: cpus()[0]?.model, processors: availableParallelism() }
  writeFileSync(out, `${JSON.stringify({ at: new Date().toISOString(), ...machine, benches }, null, 2)}\n`)
}
