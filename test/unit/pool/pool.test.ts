import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { delay } from '../../../src/base/deadline.ts'
import { deferred } from '../../../src/base/deferred.ts'
import { silentLog } from '../../../src/base/log.ts'
import { AgentError, chain } from '../../../src/model/errors.ts'
import type { JobName } from '../../../src/pool/jobs.ts'
import { poolMetrics } from '../../../src/pool/metrics.ts'
import { Pool, type PoolOptions } from '../../../src/pool/pool.ts'
import { eventually } from '../../support/eventually.ts'

interface TestPool extends AsyncDisposable {
  readonly pool: Pool
  run (job: string, input?: unknown, signal?: AbortSignal, onProgress?: (progress: unknown) => void): Promise<unknown>
  /** Starts a job and waits for its first word. */
  begin (job: string, signal: AbortSignal, input?: unknown): Promise<{ readonly ended: Promise<unknown> }>
  /** What the metrics say of threads that were lost, by reason. */
  lost (): Promise<Record<string, number>>
}

/** The garbage collector, without a flag for the whole process. */
function exposedGc (): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

const never = new AbortController().signal

function startTestPool (more: Partial<PoolOptions> = {}): TestPool {
  const registry = new Registry()
  const entry = new URL('../../support/pool-worker.js', import.meta.url)
  const metrics = poolMetrics(registry, ['test'])
  const pool = new Pool({ name: 'test', entry, threads: 1, jobsPerThread: 2, cancelMs: 10_000, log: silentLog, metrics, ...more })
  const run: TestPool['run'] = (job, input, signal = never, onProgress) => pool.run(job as JobName, input as never, signal, onProgress)
  return {
    pool, run,
    async begin (job, signal, input) {
      const begun = deferred()
      const ended = run(job, input, signal, () => { begun.resolve() })
      ended.catch(begun.reject)
      await begun.promise
      return { ended }
    },
    async lost () {
      const { values } = await registry.getSingleMetric('slipway_worker_replacements_total')?.get() ?? { values: [] }
      return Object.fromEntries(values.filter(({ value }) => value > 0).map(({ labels, value }) => [String(labels['why']), value]))
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}

test('a job gives back what its handler returns', async () => {
  await using pool = startTestPool()
  const input = { text: 'ä', list: [1, { deep: true }], bytes: new Uint8Array([1, 2]) }
  assert.deepEqual(await pool.run('echo', input), input)
  assert.equal(pool.pool.inFlight, 0)
})

test('an AgentError crosses the thread boundary with code, detail and cause', async () => {
  await using pool = startTestPool()
  await assert.rejects(pool.run('fail'), (error: AgentError) => {
    assert.ok(error instanceof AgentError && error.cause instanceof AgentError)
    assert.deepEqual([error.code, error.detail, chain(error)], ['DISK_FULL', { free: 0, stage: 'pull' }, 'pull failed: no space'])
    return true
  })
  assert.deepEqual(await pool.lost(), {})
})

test('a foreign error comes as INTERNAL with its words', async () => {
  await using pool = startTestPool()
  await assert.rejects(pool.run('blunder'), { code: 'INTERNAL', message: 'no such thing' })
})

test('progress comes in order and whole, however soon the reply follows', async () => {
  await using pool = startTestPool({ jobsPerThread: 50 })
  await Promise.all(Array.from({ length: 50 }, async () => {
    const heard: unknown[] = []
    await pool.run('count', 3, never, progress => { heard.push(progress) })
    assert.deepEqual(heard, [1, 2, 3])
  }))
})

test('a cancelled job ends with the signal\'s reason, and its thread lives on', async () => {
  await using pool = startTestPool()
  const before = await pool.run('thread')
  const controller = new AbortController()
  const { ended } = await pool.begin('wait', controller.signal)
  const reason = new AgentError('STAGE_TIMEOUT', 'took over 1 s')
  controller.abort(reason)
  await assert.rejects(ended, error => error === reason)
  assert.equal(await pool.run('thread'), before)
  assert.deepEqual(await pool.lost(), {})
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
})

test('a job whose signal has aborted does not begin', async () => {
  await using pool = startTestPool()
  const reason = new AgentError('CANCELLED', 'no need')
  await assert.rejects(pool.run('echo', 1, AbortSignal.abort(reason)), error => error === reason)
  assert.equal(pool.pool.inFlight, 0)
})

test('one cancelled job leaves its neighbour on the same thread alone', async () => {
  await using pool = startTestPool()
  const [first, second] = [new AbortController(), new AbortController()]
  const running = [await pool.begin('wait', first.signal), await pool.begin('wait', second.signal)] as const
  first.abort(new Error('first'))
  await assert.rejects(running[0].ended, /first/)
  assert.equal(pool.pool.inFlight, 1)
  second.abort(new Error('second'))
  await assert.rejects(running[1].ended, /second/)
})

for (const job of ['deaf', 'spin']) {
  test(`a job that does not end when cancelled (${job}) loses its thread, and the next one works`, async () => {
    await using pool = startTestPool({ cancelMs: 20 })
    const before = await pool.run('thread')
    const controller = new AbortController()
    const { ended } = await pool.begin(job, controller.signal)
    const reason = new AgentError('STAGE_STALLED', 'no progress')
    controller.abort(reason)
    await assert.rejects(ended, error => error === reason)
    assert.deepEqual(await pool.lost(), { 'cancel unanswered': 1 })
    assert.notEqual(await pool.run('thread'), before)
  })
}

test('a job behind one that holds the thread ends too when it is cancelled, and the thread is replaced', async () => {
  await using pool = startTestPool({ cancelMs: 20 })
  const { ended: spinning } = await pool.begin('spin', never)
  const controller = new AbortController()
  const waiting = pool.run('echo', 1, controller.signal)
  controller.abort(new AgentError('CANCELLED', 'no need'))
  await assert.rejects(waiting, { code: 'CANCELLED' })
  await assert.rejects(spinning, { code: 'WORKER_DIED' })
  assert.equal(await pool.run('echo', 7), 7)
})

test('a thread that turns no more is found by asking, and its jobs end', async () => {
  await using pool = startTestPool({ pingMs: 10, stallMs: 2_000 })
  const { ended } = await pool.begin('spin', never)
  await assert.rejects(ended, { code: 'WORKER_DIED' })
  assert.deepEqual(await pool.lost(), { stalled: 1 })
  assert.equal(await pool.run('echo', 7), 7)
})

test('a full thread that turns is not taken for a stalled one', async () => {
  await using pool = startTestPool({ pingMs: 5, stallMs: 2_000 })
  const controller = new AbortController()
  const running = [await pool.begin('wait', controller.signal), await pool.begin('wait', controller.signal)]
  await delay(100)
  assert.deepEqual(await pool.lost(), {})
  controller.abort(new Error('over'))
  await Promise.allSettled(running.map(({ ended }) => ended))
})

for (const job of ['die', 'crash']) {
  test(`a thread that ends in the middle of its work (${job}) gives WORKER_DIED, and the next job works`, async () => {
    await using pool = startTestPool()
    await assert.rejects(pool.run(job), error => error instanceof AgentError && error.code === 'WORKER_DIED' && error.retry)
    assert.deepEqual(await pool.lost(), { died: 1 })
    assert.equal(await pool.run('echo', 7), 7)
    assert.equal(pool.pool.inFlight, 0)
  })
}

test('a job that may be repeated is tried once more on another thread', async () => {
  await using pool = startTestPool()
  const folder = mkdtempSync(join(tmpdir(), 'slipway-pool-'))
  try {
    assert.equal(await pool.run('pull', join(folder, 'tries')), 'second try')
    assert.deepEqual(await pool.lost(), { died: 1 })
    assert.equal(pool.pool.inFlight, 0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a job that kills its thread each time is not tried for ever', async () => {
  await using pool = startTestPool()
  await assert.rejects(pool.run('usage'), { code: 'WORKER_DIED' })
  assert.deepEqual(await pool.lost(), { died: 2 })
})

test('the replies of jobs that are over are kept by nobody', async () => {
  await using pool = startTestPool()
  const replies: Array<WeakRef<object>> = []
  for (let i = 0; i < 20; i++) replies.push(new WeakRef(await pool.run('echo', { i }) as object))
  const collect = exposedGc()
  await eventually(() => {
    collect()
    return replies.filter(reply => reply.deref() !== undefined).length <= 1
  }, { reason: 'the end of the replies' })
})

test('a full pool refuses at once, and takes jobs again when a place is free', async () => {
  await using pool = startTestPool({ threads: 2, jobsPerThread: 1 })
  assert.equal(pool.pool.capacity, 2)
  const controller = new AbortController()
  const running = [await pool.begin('wait', controller.signal), await pool.begin('wait', controller.signal)]
  assert.equal(pool.pool.inFlight, 2)
  await assert.rejects(pool.run('echo', 1), { code: 'QUEUE_FULL', message: 'all 2 places of the test workers are taken' })
  controller.abort(new AgentError('CANCELLED', 'over'))
  await Promise.allSettled(running.map(({ ended }) => ended))
  assert.equal(await pool.run('echo', 1), 1)
})

test('the end of a pool ends its jobs and its threads', async () => {
  const ports = (): number => process.getActiveResourcesInfo().filter(name => name === 'MessagePort').length
  const before = ports()
  const pool = startTestPool({ threads: 2 })
  const { ended } = await pool.begin('deaf', never)
  const died = assert.rejects(ended, { code: 'WORKER_DIED' })
  await pool[Symbol.asyncDispose]()
  await died
  // Those of the tests before may still have been there.
  await eventually(() => ports() <= before, { reason: 'the end of all message ports' })
})
