import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import type { FetchCache, Lease } from '../../../src/containerizer/fetch-cache/fetch-cache.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { cacheGround, diskUse } from '../../support/fetch-cache.ts'
import { startWebServer, type Pages, type WebServer } from '../workers/fetch/web-server.ts'

const { signal } = new AbortController()
const nobody = undefined
const none = (): void => {}

/** Counts what it is asked for. */
async function startCountingServer (pages: Pages): Promise<WebServer & { readonly asked: string[] }> {
  const asked: string[] = []
  const server = await startWebServer({
    '*': (request, response) => {
      asked.push(`${request.method} ${request.url}`)
      const page = pages[request.url ?? '']
      if (typeof page === 'function') page(request, response)
      else if (page === undefined) response.writeHead(404).end()
      else response.writeHead(200, { 'content-length': Buffer.byteLength(page) }).end(request.method === 'HEAD' ? '' : page)
    },
  })
  return { ...server, asked }
}

async function leased (cache: FetchCache, uri: string, user: string | undefined = nobody): Promise<Lease> {
  const lease = await cache.lease(uri, user, none, signal)
  assert.ok(lease, 'it came past the cache')
  return lease
}

async function contentOf (cache: FetchCache, uri: string, user?: string): Promise<string> {
  const lease = await leased(cache, uri, user)
  try {
    return readFileSync(lease.path, 'utf8')
  } finally {
    lease.release()
  }
}

test('a file that was fetched once is there for the next task of the same user, and for no other', async () => {
  await using ground = cacheGround()
  await using server = await startCountingServer({ '/a?token=secret': 'A' })
  const { cache, counted } = ground.open()
  const uri = `${server.origin.replace('//', '//me:secret@')}/a?token=secret`
  for (let time = 0; time < 3; time++) assert.equal(await contentOf(cache, uri, '1000'), 'A')
  assert.equal(await contentOf(cache, uri, '1001'), 'A')
  assert.equal(await contentOf(cache, uri), 'A')
  assert.equal(server.asked.length, 3)
  assert.deepEqual(await counted('requests_total'), { hit: 2, miss: 3, shared: 0, bypassed: 0 })
  assert.equal((await counted('bytes'))[''], diskUse(ground.dir))
  const written = readdirSync(ground.dir, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  for (const { parentPath, name } of written) assert.doesNotMatch(readFileSync(join(parentPath, name), 'utf8') + name, /secret/)
  assert.equal(statSync(join(ground.dir, 'entries')).mode & 0o777, 0o700)
})

test('those who want a file while it comes wait for the one transfer, and each hears how far it is', async () => {
  await using ground = cacheGround()
  let finish: (() => void) | undefined
  const slow: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-length': 6 }).write('abc')
    finish = () => { response.end('def') }
  }
  await using server = await startCountingServer({ '/slow': slow })
  const { cache, counted } = ground.open()
  const told = new Set<number>()
  const wanted = Array.from({ length: 20 }, (_none, at) => cache.lease(`${server.origin}/slow`, nobody, () => { told.add(at) }, signal))
  await eventually(() => finish !== undefined)
  await eventually(async () => (await cache.list()).length === 0 && told.size > 0)
  finish?.()
  const leases = await Promise.all(wanted)
  for (const lease of leases) assert.equal(readFileSync(lease?.path ?? '', 'utf8'), 'abcdef')
  for (const lease of leases) lease?.release()
  assert.deepEqual(server.asked, ['GET /slow'])
  assert.equal(told.size, 20)
  assert.deepEqual(await counted('requests_total'), { hit: 0, miss: 1, shared: 19, bypassed: 0 })
})

test('one that gives up does not stop the others; when all have, the transfer ends and nothing of it stays', async () => {
  await using ground = cacheGround()
  let open = 0
  const slow: RequestListener = (_request, response) => {
    open++
    response.on('close', () => { open-- }).writeHead(200, { 'content-length': 1_000 }).write('abc')
  }
  await using server = await startCountingServer({ '/slow': slow })
  const { cache } = ground.open()
  const [one, other] = [new AbortController(), new AbortController()]
  const killed = new AgentError('CANCELLED', 'killed')
  const waits = [one, other].map(controller => cache.lease(`${server.origin}/slow`, nobody, none, controller.signal))
  await eventually(() => open === 1)
  one.abort(killed)
  await assert.rejects(waits[0] as Promise<unknown>, error => error === killed)
  assert.equal(open, 1)
  other.abort(killed)
  await assert.rejects(waits[1] as Promise<unknown>, error => error === killed)
  await eventually(() => open === 0)
  await eventually(() => readdirSync(join(ground.dir, 'passing')).length === 0)
  assert.equal(cache.usedBytes, 0)
})

test('a transfer that fails is told to all who wait, and tried anew by the next', async () => {
  await using ground = cacheGround()
  const pages: Pages = {}
  await using server = await startCountingServer(pages)
  const { cache } = ground.open()
  const waits = await Promise.allSettled([1, 2].map(() => cache.lease(`${server.origin}/a`, nobody, none, signal)))
  for (const wait of waits) assert.match(String(wait.status === 'rejected' && wait.reason), /404 Not Found/)
  assert.deepEqual(readdirSync(join(ground.dir, 'passing')), [])
  pages['/a'] = 'A'
  assert.equal(await contentOf(cache, `${server.origin}/a`), 'A')
})

test('what was used longest ago goes first, and never what is in use', async () => {
  await using ground = cacheGround()
  const page = 'x'.repeat(100_000)
  await using server = await startCountingServer(Object.fromEntries(['/a', '/b', '/c', '/d', '/e'].map(path => [path, page])))
  const { cache, counted } = ground.open({ maxBytes: 350_000 })
  const names = async (): Promise<string> => (await cache.list()).filter(({ isLeaving }) => !isLeaving).map(({ about }) => about.shown.slice(-1)).join('')
  const held = await leased(cache, `${server.origin}/a`)
  for (const path of ['/b', '/c', '/b', '/d']) await contentOf(cache, `${server.origin}${path}`)
  await eventually(() => cache.usedBytes === diskUse(ground.dir))
  assert.equal(await names(), 'abd')
  const others = await Promise.all(['/b', '/d'].map(path => leased(cache, `${server.origin}${path}`)))
  assert.equal(await contentOf(cache, `${server.origin}/e`), page, 'there is no room, but whoever waits gets it')
  await eventually(() => diskUse(ground.dir) < 350_000)
  assert.equal(await names(), 'abd')
  for (const lease of [held, ...others]) assert.equal(readFileSync(lease.path, 'utf8'), page)
  for (const lease of [held, ...others]) lease.release()
  assert.deepEqual(await counted('drops_total'), { room: 1, damaged: 0, stale: 0, asked: 0 })
})

test('what is larger than the cache is fetched past it', async () => {
  await using ground = cacheGround()
  const endless: RequestListener = (_request, response) => {
    const more = (): void => { while (response.write(Buffer.alloc(65_536))); response.once('drain', more) }
    response.writeHead(200)
    more()
  }
  const announced: RequestListener = (_request, response) => { response.writeHead(200, { 'content-length': 200_000 }).write('x') }
  await using server = await startCountingServer({ '/large': announced, '/endless': endless })
  const { cache, counted } = ground.open({ maxBytes: 100_000 })
  for (const path of ['/large', '/endless']) assert.equal(await cache.lease(server.origin + path, nobody, none, signal), undefined)
  assert.equal(diskUse(ground.dir), 0)
  assert.deepEqual(await counted('requests_total'), { hit: 0, miss: 0, shared: 0, bypassed: 2 })
  const off = ground.open({ maxBytes: 0 })
  assert.equal(await off.cache.lease(`${server.origin}/large`, nobody, none, signal), undefined)
})

test('the next agent has what was there, in the order of its use', async () => {
  await using ground = cacheGround()
  await using server = await startCountingServer({ '/a': 'A', '/b': 'B', '/c': 'C' })
  const first = ground.open()
  for (const path of ['/a', '/b', '/c', '/a']) await contentOf(first.cache, server.origin + path)
  const { cache, counted } = ground.open()
  assert.deepEqual((await cache.list()).map(({ about }) => about.shown.slice(-1)), ['b', 'c', 'a'])
  assert.equal(cache.usedBytes, diskUse(ground.dir))
  assert.equal(await contentOf(cache, `${server.origin}/a`), 'A')
  assert.equal(server.asked.length, 3)
  assert.equal((await counted('requests_total'))['hit'], 1)
})

for (const [what, damage] of [
  ['shorter', (path: string) => { writeFileSync(path, 'x') }],
  ['longer', (path: string) => { appendFileSync(path, 'x') }],
  ['other bytes', (path: string) => { writeFileSync(path, 'B'.repeat(1_000)) }],
  ['gone', (path: string) => { rmSync(path) }],
  ['not readable as a file', (path: string) => { rmSync(path); symlinkSync('/dev/zero', path) }],
] as const) {
  test(`a cached file that was damaged (${what}) is found out and fetched anew`, async () => {
    await using ground = cacheGround()
    await using server = await startCountingServer({ '/a': 'A'.repeat(1_000) })
    const { cache, counted } = ground.open()
    const { path, release } = await leased(cache, `${server.origin}/a`)
    release()
    damage(path)
    const contents = await Promise.all(Array.from({ length: 5 }, () => contentOf(cache, `${server.origin}/a`)))
    assert.deepEqual(new Set(contents), new Set(['A'.repeat(1_000)]))
    assert.equal(server.asked.length, 2)
    assert.equal((await counted('drops_total'))['damaged'], 1)
    await eventually(() => cache.usedBytes === diskUse(ground.dir))
  })
}

test('damage between two agents that left no trace in size and time is found out by the checksum', async () => {
  await using ground = cacheGround()
  await using server = await startCountingServer({ '/a': 'AAAA' })
  const { path, release } = await leased(ground.open().cache, `${server.origin}/a`)
  release()
  const { mtime } = statSync(path)
  writeFileSync(path, 'BBBB')
  utimesSync(path, mtime, mtime)
  assert.equal(await contentOf(ground.open().cache, `${server.origin}/a`), 'AAAA')
})

test('where that is wished, the server is asked whether a file is still the same', async () => {
  await using ground = cacheGround()
  let version = 1
  let status = 200
  const page: RequestListener = (request, response) => {
    response.writeHead(status, { 'etag': `"${version}"`, 'content-length': 2 }).end(request.method === 'HEAD' ? undefined : `v${version}`)
  }
  await using server = await startCountingServer({ '/a': page })
  const { cache, counted } = ground.open({ revalidate: true })
  const uri = `${server.origin}/a`
  assert.equal(await contentOf(cache, uri), 'v1')
  assert.equal(await contentOf(cache, uri), 'v1')
  version = 2
  assert.equal(await contentOf(cache, uri), 'v2')
  assert.equal((await counted('drops_total'))['stale'], 1)
  status = 503
  assert.equal(await contentOf(cache, uri), 'v2', 'a server in trouble does not take away what is there')
  status = 404
  await assert.rejects(contentOf(cache, uri), /404/)
  assert.deepEqual(server.asked.map(line => line.slice(0, 4)), ['GET ', 'HEAD', 'HEAD', 'GET ', 'HEAD', 'HEAD', 'GET '])
})

test('entries are removed on request, those in use when they no longer are', async () => {
  await using ground = cacheGround()
  await using server = await startCountingServer({ '/a': 'A', '/b': 'B' })
  const { cache } = ground.open()
  const held = await leased(cache, `${server.origin}/a`)
  await contentOf(cache, `${server.origin}/b`)
  const removed = await cache.remove(() => true)
  assert.deepEqual(removed.map(({ about, users }) => [about.shown.slice(-1), users]), [['b', 0], ['a', 1]].reverse())
  assert.equal(readFileSync(held.path, 'utf8'), 'A')
  assert.deepEqual(await cache.remove(() => true), [], 'it is leaving already')
  held.release()
  await eventually(() => diskUse(ground.dir) === 0 && cache.usedBytes === 0)
})

test('a folder that cannot be used leaves fetches as they are', async () => {
  await using ground = cacheGround()
  writeFileSync(join(ground.folder, 'file'), '')
  const { cache } = ground.open({ dir: join(ground.folder, 'file') })
  assert.equal(await cache.lease('http://127.0.0.1:1/a', nobody, none, signal), undefined)
  assert.deepEqual(await cache.list(), [])
})
