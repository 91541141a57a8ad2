import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { deferred } from '../../../src/base/deferred.ts'
import { silentLog } from '../../../src/base/log.ts'
import { AgentError, chain } from '../../../src/model/errors.ts'
import { startPool, type Pool } from '../../../src/pool/pool.ts'
import { eventually } from '../../support/eventually.ts'

interface TestPool extends AsyncDisposable {
  readonly pool: Pool
  readonly replaced: string[]
  run (job: string, input?: unknown, signal?: AbortSignal, onProgress?: (progress: unknown) => void): Promise<unknown>
  /** Starts a job and waits for its first word. */
  begin (job: string, signal: AbortSignal): Promise<{ readonly ended: Promise<unknown> }>
}

const never = new AbortController().signal

function startTestPool (more: { threads?: number, jobsPerThread?: number, cancelMs?: number } = {}): TestPool {
  const replaced: string[] = []
  const entry = new URL('../../support/pool-worker.js', import.meta.url)
  const pool = startPool({
    name: 'test', entry, threads: 1, jobsPerThread: 2, cancelMs: 10_000, log: silentLog, onReplaced: why => { replaced.push(why) }, ...more,
  })
  const untyped = pool.run as unknown as (...words: unknown[]) => Promise<unknown>
  const run: TestPool['run'] = (job, input, signal = never, onProgress) => untyped(job, input, signal, onProgress)
  return {
    pool, replaced, run,
    async begin (job, signal) {
      const begun = deferred()
      const ended = run(job, undefined, signal, () => { begun.resolve() })
      ended.catch(begun.reject)
      await begun.promise
      return { ended }
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
  assert.deepEqual(pool.replaced, [])
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
  assert.deepEqual(pool.replaced, [])
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
    assert.deepEqual(pool.replaced, ['no answer'])
    assert.notEqual(await pool.run('thread'), before)
  })
}

test('a job behind one that holds the thread ends too when it is cancelled', { timeout: 5_000 }, async () => {
  await using pool = startTestPool({ cancelMs: 20 })
  await pool.run('thread')
  const stop = new AbortController()
  const { ended: spinning } = await pool.begin('spin', stop.signal)
  const controller = new AbortController()
  const waiting = pool.run('echo', 1, controller.signal)
  controller.abort(new AgentError('CANCELLED', 'no need'))
  await assert.rejects(waiting, { code: 'CANCELLED' })
  stop.abort()
  await assert.rejects(spinning)
})

for (const job of ['die', 'crash']) {
  test(`a thread that ends in the middle of its work (${job}) gives WORKER_DIED, and the next job works`, async () => {
    await using pool = startTestPool()
    await assert.rejects(pool.run(job), error => error instanceof AgentError && error.code === 'WORKER_DIED' && error.retry)
    assert.deepEqual(pool.replaced, ['died'])
    assert.equal(await pool.run('echo', 7), 7)
    assert.equal(pool.pool.inFlight, 0)
  })
}

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
  await eventually(() => { assert.equal(ports(), before) }, { reason: 'the end of all message ports' })
})
