/*  Fills a small disk beside a checkpoint, makes room again, and tells what the checkpoint did.
 *    argument: the work directory, on that disk */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { allMetrics } from '../../src/all-metrics.ts'
import { silentLog } from '../../src/base/log.ts'
import { AgentError } from '../../src/model/errors.ts'
import { put } from '../../src/store/checkpoint.ts'
import { openCheckpoint } from '../../src/store/open-checkpoint.ts'
import { eventually } from './eventually.ts'

const [workDir = ''] = process.argv.slice(2)
const options = { workDir, strict: true, metrics: allMetrics().store, log: silentLog }
const ballast = join(workDir, 'ballast')
const say = (text: string): void => { process.stdout.write(`${text}\n`) }
const codeOf = (error: unknown): string => error instanceof AgentError ? error.code : String(error)

async function fill (): Promise<void> {
  for (let bytes = 1 << 22; bytes >= 4096; bytes >>= 1) await writeFile(ballast, Buffer.alloc(bytes), { flag: 'a' }).catch(() => {})
}

{
  await using checkpoint = await openCheckpoint(options)
  await checkpoint.commit(put('framework', 'first', { info: '' }))
  await fill()
  const late = checkpoint.commit(put('framework', 'late', { info: 'x'.repeat(300_000) }))
  await late.then(() => { say('taken') }, (error: unknown) => { say(`refused ${codeOf(error)}`) })
  say(`fault ${checkpoint.fault?.code}`)
  await rm(ballast)
  await eventually(() => checkpoint.fault === undefined, { withinMs: 20_000 })
  say('healed')
  await checkpoint.commit(put('framework', 'small', { info: '' }))
  say('again ok')
}
await using again = await openCheckpoint(options)
say(`kept ${[...again.snapshot.framework.keys()].sort().join()}`)
