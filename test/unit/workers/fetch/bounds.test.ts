import assert from 'node:assert/strict'
import { readdirSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RequestListener } from 'node:http'
import { plainTransfer } from '../../../../src/model/transfer-options.ts'
import { startHttpClient } from '../../../../workers/fetch/http/http-client.ts'
import { sourceOf } from '../../../../workers/fetch/source.ts'
import { transfer } from '../../../../workers/fetch/transfer.ts'
import { eventually } from '../../../support/eventually.ts'
import { startFetchBench } from './fetch-bench.ts'
import { startFakeFtp } from './ftp-server.ts'
import { endless, startWebServer } from './web-server.ts'

test('the files of a task have a limit together, told before they come where their size is known', async () => {
  using bench = startFetchBench()
  await using server = await startWebServer({ '/a': Buffer.alloc(60_000), '/b': Buffer.alloc(60_000), '/endless': endless })
  const { origin } = server
  const transfer = { maxBytes: 100_000, urisAtOnce: 1 }
  const said = /the files of one task may have 100 kB together \(--fetch-max-size\)/
  await bench.fetch([`${origin}/a`], { transfer })
  assert.match(await bench.refused('FETCH_FAILED', [`${origin}/b`, { value: `${origin}/a`, outputFile: 'c' }], { transfer }), said)
  assert.match(await bench.refused('FETCH_FAILED', [`${origin}/endless`], { transfer }), said)
  await server.idle()
})

test('what must stay free on the disk does, whether the size is known before or not', async () => {
  using bench = startFetchBench()
  await using server = await startWebServer({ '/known': Buffer.alloc(1000), '/endless': endless })
  const { bavail, bsize } = statfsSync(bench.sandbox)
  const transfer = { freeBytes: bavail * bsize * 2 }
  assert.match(await bench.refused('DISK_FULL', [`${server.origin}/known`], { transfer }), /1 kB are to come, and the disk has .+ free, .+ must stay so \(--fetch-free-space\)/)
  assert.match(await bench.refused('DISK_FULL', [`${server.origin}/endless`], { transfer }), /more is to come, and the disk has/)
  await server.idle()
})

test('what is refused for its size is let go of, wherever it comes from', async () => {
  using bench = startFetchBench()
  const body = Buffer.alloc(5_000)
  await using ftp = await startFakeFtp({ files: { f: { body } } })
  await using web = await startWebServer({ '/f': body })
  writeFileSync(join(bench.outside, 'f'), body)
  const openFiles = (): number => readdirSync('/proc/self/fd').length
  const before = openFiles()
  for (const uri of [`ftp://127.0.0.1:${ftp.port}/f`, `${web.origin}/f`, join(bench.outside, 'f')]) {
    assert.match(await bench.refused('FETCH_FAILED', [uri], { transfer: { maxBytes: 1_000 } }), /may have 1 kB together/)
  }
  await web.idle()
  await eventually(() => { assert.ok(openFiles() <= before, `${openFiles()} files are open, and there were ${before}`) })
})

test('one host is asked for so many files at once, whoever wants them; others are not kept waiting by it', async () => {
  let open = 0
  let most = 0
  const slow: RequestListener = (_request, response) => {
    most = Math.max(most, ++open)
    setTimeout(() => { open--; response.end('.') }, 30)
  }
  await using server = await startWebServer({ '*': slow })
  await using other = await startWebServer({ '/x': 'x' })
  const transfer = { hostConcurrency: 3, urisAtOnce: 8 }
  const tasks = [startFetchBench(), startFetchBench()]
  const uris = (name: string): string[] => Array.from({ length: 9 }, (_none, at) => `${server.origin}/${name}${at}`)
  await Promise.all(tasks.map((bench, at) => bench.fetch([...uris(String(at)), `${other.origin}/x`], { transfer })))
  assert.equal(most, 3)
  const controller = new AbortController()
  const cancelled = tasks.map((bench, at) => bench.fetch(uris(`again${at}`), { transfer, signal: controller.signal }))
  setTimeout(() => { controller.abort(new Error('enough')) }, 20)
  for (const one of cancelled) await assert.rejects(one, /enough/)
  await server.idle()
  using last = startFetchBench()
  await last.fetch(uris('last'), { transfer })       // no place is lost
  for (const bench of tasks) bench[Symbol.dispose]()
})

test('a transfer gives the size, the validators and, where it is wanted, the checksum', async () => {
  using bench = startFetchBench()
  const page: RequestListener = (_request, response) => { response.writeHead(200, { etag: 'W/"1"', 'last-modified': 'yesterday' }).end('abc') }
  await using server = await startWebServer({ '/x': page })
  using client = startHttpClient(plainTransfer)
  const work = { client, options: { ...plainTransfer, sync: true }, stallMs: 5_000, onBytes () {} }
  const never = new AbortController().signal
  const source = sourceOf(`${server.origin}/x`, plainTransfer)
  const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  const came = { bytes: 3, etag: 'W/"1"', lastModified: 'yesterday' }
  assert.deepEqual(await transfer(source, join(bench.sandbox, 'x'), { ...work, digest: true }, never), { ...came, sha256 })
  assert.deepEqual(await transfer(source, join(bench.sandbox, 'y'), work, never), { ...came, sha256: undefined })
})

test('where the operator names folders, files come from below them alone, by their real paths', async () => {
  using bench = startFetchBench()
  const { outside } = bench
  writeFileSync(join(outside, 'public'), 'yes')
  const transfer = { allowPaths: [join(outside, 'allowed')], frameworksHome: outside }
  await bench.fetch(['public', 'sandbox/../victim'], { transfer })
  assert.deepEqual(bench.contents(), { public: 'yes', victim: 'unharmed' })
  const only = { allowPaths: [join(outside, 'allowed')] }
  assert.match(await bench.refused('NOT_ALLOWED', [join(outside, 'public')], { transfer: only }), /it is not in a folder that --allow-fetch-paths names/)
  assert.match(await bench.refused('SPEC_INVALID', ['../etc/hosts'], { transfer }), /leads out of --frameworks-home/)
})
