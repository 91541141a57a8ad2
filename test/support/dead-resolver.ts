/*  Commits to a checkpoint, first alone and then while eight URIs wait for a name server that never answers. Prints both p99, as JSON.
 *    argument: a work directory; to be run where nobody has port 53 and /etc/resolv.conf may be mounted over */
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { allMetrics } from '../../src/all-metrics.ts'
import { silentLog } from '../../src/base/log.ts'
import { startPool } from '../../src/pool/pool.ts'
import { put } from '../../src/store/checkpoint.ts'
import { openCheckpoint, type OpenCheckpoint } from '../../src/store/open-checkpoint.ts'

const [workDir = ''] = process.argv.slice(2)
const commits = 300

async function p99Ms (checkpoint: OpenCheckpoint): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < commits; i++) {
    const startedAt = performance.now()
    await checkpoint.commit(put('agent', `a${i}`, { agentId: 'a', bootId: 'b' }))
    times.push(performance.now() - startedAt)
  }
  return times.sort((a, b) => a - b)[Math.floor(commits * 0.99)] ?? Infinity
}

writeFileSync(join(workDir, 'resolv.conf'), 'nameserver 127.0.0.1\n')
if (spawnSync('mount', ['--bind', join(workDir, 'resolv.conf'), '/etc/resolv.conf']).status !== 0) throw new Error('resolv.conf cannot be mounted over')
let asked = 0
const server = createSocket('udp4', () => { asked++ })
server.bind(53, '127.0.0.1')
await once(server, 'listening')

await using checkpoint = await openCheckpoint({ workDir, strict: true, metrics: allMetrics().store, log: silentLog })
await using pool = startPool({
  name: 'fetch', threads: 1, jobsPerThread: 64, cancelMs: 1_000, log: silentLog, entry: new URL('../../workers/fetch/entry.js', import.meta.url),
})
const alone = await p99Ms(checkpoint)
const stop = new AbortController()
const fetches = Array.from({ length: 8 }, async (_, number) => {
  const sandbox = join(workDir, `sandbox${number}`)
  mkdirSync(sandbox)
  const uri = { value: `http://host${number}.test/file`, extract: false, executable: false, outputFile: undefined }
  await pool.run('fetch', { sandbox, uris: [uri], stallMs: 60_000 }, stop.signal).catch(() => {})
})
while (asked < fetches.length) await new Promise(resolve => { setTimeout(resolve, 10) })
const beside = await p99Ms(checkpoint)
stop.abort(new Error('enough'))
await Promise.all(fetches)
server.close()
process.stdout.write(`${JSON.stringify({ alone, beside, asked })}\n`)
