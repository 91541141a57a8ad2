import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { choose } from './choose.ts'
import { runMicro } from './micro/run.ts'
import { table } from './table.ts'

const choice = choose(process.argv.slice(2))
if ('refusal' in choice) {
  console.error(choice.refusal)
  process.exitCode = 2
} else {
  const measured = await runMicro(choice.registers)
  console.log(table(measured))
  if (choice.out !== undefined) {
    const machine = { node: process.version, cpu: cpus()[0]?.model, processors: availableParallelism() }
    writeFileSync(choice.out, `${JSON.stringify({ at: new Date().toISOString(), ...machine, benches: measured }, null, 2)}\n`)
  }
}
