/*  A process that writes to a checkpoint until it is killed.
 *    arguments: the work directory; prints the number of each record once it is durable */
import { silentLog } from '../../src/base/log.ts'
import { allMetrics } from '../../src/all-metrics.ts'
import { put } from '../../src/store/checkpoint.ts'
import { openCheckpoint } from '../../src/store/open-checkpoint.ts'

const [workDir = ''] = process.argv.slice(2)
const checkpoint = await openCheckpoint({ workDir, strict: true, metrics: allMetrics().store, log: silentLog })
const atOnce = 16
let number = checkpoint.snapshot.framework.size

async function writeOn (): Promise<void> {
  for (;;) {
    const mine = number++
    await checkpoint.commit(put('framework', `f${mine}`, { info: 'x'.repeat(300) }), put('agent', `a${mine}`, { agentId: 'a', bootId: 'b' }))
    process.stdout.write(`${mine}\n`)
  }
}

await Promise.all(Array.from({ length: atOnce }, writeOn))
