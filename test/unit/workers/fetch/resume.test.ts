import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { faultyFile, type Fault } from './faulty-file.ts'
import { startFetchBench } from './fetch-bench.ts'
import { startWebServer } from './web-server.ts'

const size = 300_000
const cutAfter = 100_000
const bytesOf = (seed: number): Buffer => Buffer.from(Array.from({ length: size }, (_none, at) => (at * seed) % 251))
const body = bytesOf(7919)
const other = bytesOf(104_729)
const quick = { retries: 3, retryDelayMs: 1 }
const etag = '"one"'
const lastModified = 'Mon, 01 Jan 2024 00:00:00 GMT'

interface Case {
  readonly name: string
  readonly version: { readonly etag?: string, readonly lastModified?: string }
  readonly faults: readonly Fault[]
  readonly asked: readonly string[]
  readonly comes?: Buffer
}

const rest = `bytes=${cutAfter}- "one"`
const cases: readonly Case[] = [
  { name: 'with an ETag goes on where it was', version: { etag }, faults: [{ cutAfter }], asked: ['', rest] },
  { name: 'twice goes on twice', version: { etag }, faults: [{ cutAfter }, { cutAfter: 50_000 }], asked: ['', rest, 'bytes=150000- "one"'] },
  { name: 'goes on by the time of the last change', version: { lastModified }, faults: [{ cutAfter }], asked: ['', `bytes=${cutAfter}- ${lastModified}`] },
  { name: 'without either begins anew', version: {}, faults: [{ cutAfter }], asked: ['', ''] },
  { name: 'with a weak ETag begins anew', version: { etag: 'W/"one"', lastModified }, faults: [{ cutAfter }], asked: ['', ''] },
  {
    name: 'that changed this very second begins anew', version: {},
    faults: [{ cutAfter, headers: { 'last-modified': new Date(Date.now() + 60_000).toUTCString() } }], asked: ['', ''],
  },
  { name: 'from a server without ranges begins anew', version: { etag }, faults: [{ cutAfter }, { ignoresRange: true }], asked: ['', rest] },
  { name: 'that is another by now comes whole', version: { etag }, faults: [{ cutAfter }, { body: other, etag: '"two"' }], asked: ['', rest], comes: other },
  {
    name: 'is not mixed with another of a server that does not look at If-Range', version: { etag },
    faults: [{ cutAfter }, { body: other, etag: '"two"', ignoresIfRange: true }, { body: other, etag: '"two"' }], asked: ['', rest, ''], comes: other,
  },
  { name: 'is not joined to a part that begins elsewhere', version: { etag }, faults: [{ cutAfter }, { shift: 10 }], asked: ['', rest, ''] },
  {
    name: 'is not joined to a part of which nobody knows where it begins', version: { etag },
    faults: [{ cutAfter }, { headers: { 'content-range': 'lines 1-2/3' } }], asked: ['', rest, ''],
  },
  {
    name: 'is not joined to a part of a file of another length', version: { etag },
    faults: [{ cutAfter }, { headers: { 'content-range': `bytes ${cutAfter}-${size - 1}/${size + 1}` } }], asked: ['', rest, ''],
  },
  { name: 'begins anew when the server has no such part', version: { etag }, faults: [{ cutAfter }, { status: 416 }], asked: ['', rest, ''] },
  { name: 'waits for a server that is busy', version: { etag }, faults: [{ status: 503 }, { status: 429 }, { cutAfter }], asked: ['', '', '', rest] },
  { name: 'is asked for again where the connection ended without an answer', version: { etag }, faults: [{ drop: true }], asked: ['', ''] },
]

for (const { name, version, faults, asked, comes = body } of cases) {
  test(`a body that was cut ${name}`, async () => {
    using bench = startFetchBench()
    const file = faultyFile(body, version, faults)
    await using server = await startWebServer({ '/f': file.page })
    await bench.fetch([`${server.origin}/f`], { transfer: quick })
    assert.deepEqual(file.asked, asked)
    assert.ok(readFileSync(join(bench.sandbox, 'f')).equals(comes))
    await server.idle()
  })
}

test('a server that falls silent in the middle is hung up on and asked for the rest, well before the deadline', async () => {
  using bench = startFetchBench()
  const file = faultyFile(body, { etag }, [{ hangAfter: cutAfter }])
  await using server = await startWebServer({ '/f': file.page })
  await bench.fetch([`${server.origin}/f`], { transfer: quick, stallMs: 2_000 })
  assert.deepEqual(file.asked, ['', rest])
  assert.ok(readFileSync(join(bench.sandbox, 'f')).equals(body))
})

test('attempts are counted, and what they failed with is told', async () => {
  using bench = startFetchBench()
  const file = faultyFile(body, {}, Array.from({ length: 9 }, () => ({ status: 503 })))
  await using server = await startWebServer({ '/f': file.page })
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/f`], { transfer: quick }), /\/f: 503 Service Unavailable, after 4 attempts$/)
  assert.equal(file.asked.length, 4)
})

test('what will not be otherwise the next time is not repeated', async () => {
  using bench = startFetchBench()
  for (const status of [400, 401, 403, 404, 410, 501]) {
    const file = faultyFile(body, {}, [{ status }])
    await using server = await startWebServer({ '/f': file.page })
    await bench.refused('FETCH_FAILED', [`${server.origin}/f`], { transfer: quick })
    assert.equal(file.asked.length, 1, String(status))
  }
})

test('a line on which each attempt brings a megabyte may take any number of them', async () => {
  using bench = startFetchBench()
  const large = Buffer.alloc(8e6, 'long')
  const file = faultyFile(large, { etag }, Array.from({ length: 7 }, () => ({ cutAfter: 1.1e6 })))
  await using server = await startWebServer({ '/f': file.page })
  await bench.fetch([`${server.origin}/f`], { transfer: { ...quick, retries: 1 } })
  assert.ok(readFileSync(join(bench.sandbox, 'f')).equals(large))
  assert.equal(file.asked.length, 8)
})

test('the time that a server asks for is kept, as long as the deadline allows', async () => {
  using bench = startFetchBench()
  const file = faultyFile(body, {}, [{ status: 503, headers: { 'retry-after': '3000' } }])
  await using server = await startWebServer({ '/f': file.page })
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/f`], { transfer: quick, stallMs: 300 }), /\/f: 503 Service Unavailable$/)
  assert.equal(file.asked.length, 1)
})

test('a checksum of the URI is compared, over all attempts', async () => {
  using bench = startFetchBench()
  const sha256 = createHash('sha256').update(body).digest('hex')
  const sha512 = createHash('sha512').update(body).digest('hex')
  const file = faultyFile(body, { etag }, [{ cutAfter }])
  await using server = await startWebServer({ '/f': file.page, '/g': body, '/h': body })
  const { origin } = server
  await bench.fetch([`${origin}/f#sha256=${sha256.toUpperCase()}`, `${origin}/g#sha512=${sha512}`], { transfer: quick })
  const wrong = sha256.replace(/^./, first => first === '0' ? '1' : '0')
  const said = await bench.refused('FETCH_FAILED', [`${origin}/h#sha256=${wrong}`])
  assert.ok(said.includes(`/h: its sha256 is ${sha256}, and not ${wrong} as the URI says`), said)
})
