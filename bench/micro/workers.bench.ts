import type { Bench } from 'tinybench'
import { silentLog } from '../../src/base/log.ts'
import { Pool } from '../../src/pool/pool.ts'
import { check } from './register.ts'

/** A job that has nothing to do: what is left is the way there and back. */
export default function (bench: Bench): () => Promise<void> {
  const entry = new URL('../../workers/cgroup/entry.js', import.meta.url)
  const pool = new Pool({ name: 'cgroup', entry, threads: 1, jobsPerThread: 16, cancelMs: 5_000, log: silentLog })
  const askForNothing = async (): Promise<void> => {
    check((await pool.run('usage', { containers: [] }, new AbortController().signal)).length === 0)
  }
  bench.add('workers: one job to a thread and back', askForNothing)
  bench.add('workers: 16 jobs beside each other', async () => { await Promise.all(Array.from({ length: 16 }, askForNothing)) })
  return () => pool[Symbol.asyncDispose]()
}
