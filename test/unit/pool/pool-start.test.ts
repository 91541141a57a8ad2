import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import { silentLog } from '../../../src/base/log.ts'
import type { JobName } from '../../../src/pool/jobs.ts'
import { Pool } from '../../../src/pool/pool.ts'

const never = new AbortController().signal

function startTestPool (threads: number): Pool {
  const entry = new URL('../../support/pool-worker.js', import.meta.url)
  return new Pool({ name: 'test', entry, threads, jobsPerThread: 2, cancelMs: 10_000, log: silentLog })
}

function echo (pool: Pool): Promise<unknown> {
  return pool.run('echo' as JobName, {} as never, never)
}

/** Threads that were begun since, anybody's in this process. */
function countThreads (): Disposable & { begun: number } {
  const count = { begun: 0, [Symbol.dispose]: () => { unsubscribe('worker_threads', hear) } }
  const hear = (): void => { count.begun++ }
  subscribe('worker_threads', hear)
  return count
}

test('a thread begins with its first job', async () => {
  using threads = countThreads()
  await using pool = startTestPool(2)
  assert.equal(threads.begun, 0)
  await echo(pool)
  assert.equal(threads.begun, 1)
  await Promise.all([echo(pool), echo(pool)])
  assert.equal(threads.begun, 2)
})

test('a pool that is started has its threads before a job comes, and no others after', async () => {
  using threads = countThreads()
  await using pool = startTestPool(2)
  pool.start()
  assert.equal(threads.begun, 2)
  pool.start()
  await Promise.all([echo(pool), echo(pool)])
  assert.equal(threads.begun, 2)
})

test('a pool that has ended begins no thread', async () => {
  using threads = countThreads()
  const pool = startTestPool(1)
  await pool[Symbol.asyncDispose]()
  pool.start()
  await assert.rejects(echo(pool), { code: 'WORKER_DIED' })
  assert.deepEqual([threads.begun, pool.inFlight], [0, 0])
})

test('a thread does not require ES modules: one that is ended in the middle of that would end the process', async () => {
  await using pool = startTestPool(1)
  const features = await pool.run('features' as JobName, {} as never, never) as unknown as { require_module?: boolean }
  assert.notEqual(features.require_module, true)
})
