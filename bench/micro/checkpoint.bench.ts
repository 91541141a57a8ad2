import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from 'tinybench'
import { allMetrics } from '../../src/all-metrics.ts'
import { silentLog } from '../../src/base/log.ts'
import { put } from '../../src/store/checkpoint.ts'
import { openCheckpoint } from '../../src/store/open-checkpoint.ts'
import { check } from './register.ts'

const info = 'x'.repeat(300)

/** Durable commits: one that waits for itself alone, and many that share a transaction. */
export default function (bench: Bench): () => Promise<void> {
  const workDir = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const opening = openCheckpoint({ workDir, strict: true, metrics: allMetrics().store, log: silentLog })
  let number = 0
  const commit = async (count: number): Promise<void> => {
    const checkpoint = await opening
    await Promise.all(Array.from({ length: count }, () => checkpoint.commit(put('framework', `f${number++ % 1000}`, { info }))))
    check(checkpoint.fault === undefined)
  }
  bench.add('checkpoint: one commit', () => commit(1))
  bench.add('checkpoint: 64 commits at once', () => commit(64))
  return async () => {
    await (await opening)[Symbol.asyncDispose]()
    rmSync(workDir, { recursive: true, force: true })
  }
}
