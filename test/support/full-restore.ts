/*  Damages a checkpoint on a small disk that is full, opens it twice, makes room, and tells what came of it.
 *    argument: the work directory, on that disk */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { allMetrics } from '../../src/all-metrics.ts'
import { silentLog } from '../../src/base/log.ts'
import { AgentError } from '../../src/model/errors.ts'
import { put } from '../../src/store/checkpoint.ts'
import { checkpointFolder, openCheckpoint } from '../../src/store/open-checkpoint.ts'
import { damage } from './damage.ts'

const [workDir = ''] = process.argv.slice(2)
const options = { workDir, strict: false, metrics: allMetrics().store, log: silentLog }
const ballast = join(workDir, 'ballast')
const say = (text: string): void => { process.stdout.write(`${text}\n`) }

{
  await using checkpoint = await openCheckpoint(options)
  await checkpoint.commit(put('framework', 'a', { info: '' }))
}
await damage(join(checkpointFolder(workDir), 'data.mdb'))
for (let bytes = 1 << 22; bytes >= 4096; bytes >>= 1) await writeFile(ballast, Buffer.alloc(bytes), { flag: 'a' }).catch(() => {})
for (const _try of [1, 2]) await openCheckpoint(options).catch((error: unknown) => { say(error instanceof AgentError ? error.code : String(error)) })
await rm(ballast)
await using again = await openCheckpoint(options)
say(`kept ${[...again.snapshot.framework.keys()].join()}`)
