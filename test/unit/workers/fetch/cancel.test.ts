import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { silentLog } from '../../../../src/base/log.ts'
import { AgentError } from '../../../../src/model/errors.ts'
import { startPool, type Pool } from '../../../../src/pool/pool.ts'
import { eventually } from '../../../support/eventually.ts'
import { tarOf } from '../../../support/tar.ts'
import { zipOf } from '../../../support/zip.ts'
import { fullUri, startFetchBench, treeOf } from './fetch-bench.ts'
import { endless, stallingAt, startWebServer } from './web-server.ts'

const killed = new AgentError('CANCELLED', 'killed')
const promptMs = 10_000

async function lasted (work: Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work
  return performance.now() - begun
}

function openFiles (): number {
  return readdirSync('/proc/self/fd').length
}

for (const [where, page] of [['that hangs', stallingAt(1e6, 2e6)], ['that never begins', () => {}], ['in full flow', endless]] as const) {
  test(`a cancel ends a download ${where} at once and leaves nothing`, async () => {
    using bench = startFetchBench()
    await using server = await startWebServer({ '/a': page, '/b': page })
    const before = treeOf(bench.outside)
    const controller = new AbortController()
    const running = bench.fetch([`${server.origin}/a`, `${server.origin}/b`], { signal: controller.signal, stallMs: 60_000 })
    running.catch(() => {})
    await eventually(() => readdirSync(bench.sandbox).length === 3)
    if (where !== 'that never begins') await eventually(() => bench.progress.length > 0)
    controller.abort(killed)
    assert.ok(await lasted(assert.rejects(running, error => error === killed)) < promptMs)
    assert.deepEqual(treeOf(bench.outside), before)
    assert.deepEqual(getEventListeners(controller.signal, 'abort'), [])
    await server.idle()
  })
}

const many = Array.from({ length: 10_000 }, (_none, index) => ({ name: `d${index % 100}/f${index}`, body: 'x'.repeat(600) }))
const few = many.slice(0, 4_000)       // each takes longer
for (const [name, bytes] of [['x.tar', tarOf(many)], ['x.tgz', gzipSync(tarOf(many))], ['x.zip', zipOf(few)]] as const) {
  test(`a cancel in the middle of an extraction of ${name} ends it and leaves nothing`, async () => {
    using bench = startFetchBench()
    const path = join(bench.outside, name)
    writeFileSync(path, bytes)
    const filesBefore = openFiles()
    const whole = startFetchBench()
    const wholeMs = await lasted(whole.fetch([path]))
    whole[Symbol.dispose]()
    const controller = new AbortController()
    const running = bench.fetch([path], { signal: controller.signal })
    running.catch(() => {})
    await eventually(() => readdirSync(bench.sandbox).some(entry => existsSync(join(bench.sandbox, entry, '1/d7'))), { everyMs: 1 })
    controller.abort(killed)
    assert.ok(await lasted(assert.rejects(running, error => error === killed)) < wholeMs / 3)
    assert.deepEqual(bench.contents(), {})
    await eventually(() => openFiles() === filesBefore, { reason: 'no open file' })
  })
}

test('a cancel ends the copy of a large file', async () => {
  using bench = startFetchBench()
  const path = join(bench.outside, 'large')
  writeFileSync(path, '')
  truncateSync(path, 20e9)
  const controller = new AbortController()
  const running = bench.fetch([path], { signal: controller.signal, onProgress: () => { controller.abort(killed) } })
  assert.ok(await lasted(assert.rejects(running, error => error === killed)) < promptMs)
  truncateSync(path, 0)
  assert.deepEqual(bench.contents(), {})
})

test('a cancel that was there before it began leaves everything as it is', async () => {
  using bench = startFetchBench()
  await assert.rejects(bench.fetch([join(bench.outside, 'victim')], { signal: AbortSignal.abort(killed) }), error => error === killed)
  assert.deepEqual(bench.contents(), {})
})

test('neither success nor failure leaves a file, a connection, a timer or a listener', async () => {
  using bench = startFetchBench()
  await using server = await startWebServer({ '/a.txt': 'A', '/hangs': stallingAt(1, 2) })
  writeFileSync(join(bench.outside, 'bad.tar'), 'no archive')
  const { signal } = new AbortController()
  await bench.fetch([`${server.origin}/a.txt`])
  await server.idle()
  const filesBefore = openFiles()
  for (const uri of [`${server.origin}/a.txt`, `${server.origin}/missing`, `${server.origin}/hangs`, join(bench.outside, 'bad.tar'), 'http://localhost:1/x']) {
    await bench.fetch([uri, join(bench.outside, 'victim')], { signal, stallMs: 100 }).catch(() => {})
  }
  await server.idle()
  assert.deepEqual(getEventListeners(signal, 'abort'), [])
  await eventually(() => openFiles() === filesBefore, { reason: 'no open file' })
  await eventually(() => { assert.deepEqual(process.getActiveResourcesInfo().filter(kind => kind === 'TCPSocketWrap'), []) })
})

function startFetchPool (): Pool {
  const entry = new URL('../../../../workers/fetch/entry.js', import.meta.url)
  return startPool({ name: 'fetch', entry, threads: 1, jobsPerThread: 8, cancelMs: 5_000, log: silentLog })
}

test('in a worker thread it fetches, tells its progress, fails and is cancelled', async () => {
  using bench = startFetchBench()
  await using server = await startWebServer({ '/a.txt': 'A', '/hangs': stallingAt(1e6, 2e6) })
  await using pool = startFetchPool()
  const input = (value: string): { sandbox: string, uris: Array<ReturnType<typeof fullUri>>, stallMs: number } => {
    return { sandbox: bench.sandbox, uris: [fullUri(value)], stallMs: 60_000 }
  }
  const { signal } = new AbortController()
  assert.deepEqual(await pool.run('fetch', input(`${server.origin}/a.txt`), signal), { bytes: 1, cachedBytes: 0 })
  assert.deepEqual(bench.contents(), { 'a.txt': 'A' })
  const missing = pool.run('fetch', input(`${server.origin}/missing`), signal)
  await assert.rejects(missing, { name: 'AgentError', code: 'FETCH_FAILED', message: `${server.origin}/missing: 404 Not Found` })
  const controller = new AbortController()
  const running = pool.run('fetch', input(`${server.origin}/hangs`), controller.signal, progress => {
    assert.deepEqual({ ...progress, bytes: 0 }, { file: 1, files: 1, name: 'hangs', bytes: 0, totalBytes: 2e6 })
    controller.abort(killed)
  })
  await assert.rejects(running, error => error === killed)
  assert.deepEqual(bench.contents(), { 'a.txt': 'A' })
  await server.idle()
})
