import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RequestListener } from 'node:http'
import { startFetchBench } from './fetch-bench.ts'
import { megabytes, stallingAt, startRawServer, startWebServer } from './web-server.ts'

test('files come under the last segment of their paths', async () => {
  using bench = startFetchBench()
  await using server = await startWebServer({ '/deep/a.txt?v=1': 'A', '/b%20%C3%A4.txt': 'B', '/empty': '' })
  const { bytes } = await bench.fetch([`${server.origin}/deep/a.txt?v=1#part`, ` ${server.origin}/b%20%C3%A4.txt`, `${server.origin}/empty`])
  assert.equal(bytes, 2)
  assert.deepEqual(bench.contents(), { 'a.txt': 'A', 'b ä.txt': 'B', 'empty': '' })
  assert.equal(statSync(join(bench.sandbox, 'a.txt')).mode & 0o7777, 0o644)
  await server.idle()
})

test('output_file names the place, sub-folders are made, and executable makes it so', async () => {
  using bench = startFetchBench()
  await using server = await startWebServer({ '/tool.zip': '#!/bin/sh' })
  await bench.fetch([{ value: `${server.origin}/tool.zip`, outputFile: './bin/sub/tool.zip', executable: true }])
  assert.deepEqual(bench.contents(), { 'bin': '/', 'bin/sub': '/', 'bin/sub/tool.zip': '#!/bin/sh' })
  assert.equal(statSync(join(bench.sandbox, 'bin/sub/tool.zip')).mode & 0o7777, 0o755)
  assert.equal(statSync(join(bench.sandbox, 'bin')).mode & 0o055, 0o055)
})

test('any status but 200 is told', async () => {
  using bench = startFetchBench()
  const answer = (status: number): RequestListener => (_request, response) => { response.writeHead(status).end() }
  await using server = await startWebServer({ '/204': answer(204), '/503': answer(503), '/302': answer(302) })
  const { origin } = server
  assert.equal(await bench.refused('FETCH_FAILED', [`${origin}/missing`]), `${origin}/missing: 404 Not Found`)
  assert.equal(await bench.refused('FETCH_FAILED', [`${origin}/503`]), `${origin}/503: 503 Service Unavailable`)
  assert.match(await bench.refused('FETCH_FAILED', [`${origin}/204`]), /204 No Content/)
  assert.match(await bench.refused('FETCH_FAILED', [`${origin}/302`]), /302 Found/)
  await server.idle()
})

test('redirects are followed, in circles ten times at most', async () => {
  using bench = startFetchBench()
  const asked: string[] = []
  const to = (location: string): RequestListener => (request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(302, { location }).end('a body that nobody wants')
  }
  await using server = await startWebServer({ '/one': to('two?x=1'), '/two?x=1': to('/three'), '/three': 'here', '/loop': to('/loop'), '/off': to('ftp://h/x') })
  await bench.fetch([`${server.origin}/one`])
  assert.deepEqual(bench.contents(), { one: 'here' })
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/loop`]), /more than 10 redirects/)
  assert.equal(asked.filter(url => url === '/loop').length, 11)
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/off`]), /redirected to another scheme: ftp:\/\/h\/x/)
  await server.idle()
})

test('user and password go to their own origin, not along with a redirect, and not into messages', async () => {
  using bench = startFetchBench()
  const seen: Array<string | undefined> = []
  const note: RequestListener = (request, response) => { seen.push(request.headers.authorization); response.end('ok') }
  await using other = await startWebServer({ '/y': note })
  const away: RequestListener = (_request, response) => { response.writeHead(307, { location: `${other.origin}/y` }).end() }
  await using server = await startWebServer({ '/x': note, '/away': away })
  const withUser = server.origin.replace('://', '://me:s%40cret@')
  await bench.fetch([`${withUser}/x`, `${withUser}/away`])
  assert.deepEqual(seen.sort(), [`Basic ${Buffer.from('me:s@cret').toString('base64')}`, undefined])
  const message = await bench.refused('FETCH_FAILED', [`${withUser}/missing?token=secret`])
  assert.equal(message, `${server.origin}/missing: 404 Not Found`)
})

test('a body that is cut leaves nothing, and the message says how far it came', async () => {
  using bench = startFetchBench()
  const cut: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-length': 40e6 })
    response.write(Buffer.alloc(12e6), () => { response.destroy() })
  }
  const chunked: RequestListener = (_request, response) => { response.write('some', () => { response.destroy() }) }
  await using server = await startWebServer({ '/cut': cut, '/chunked': chunked })
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/cut`]), /\/cut: .+, at \d+(\.\d)? of 40 MB \(.+\/s\)$/)
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/chunked`]), /\/chunked: .+, at 4 bytes \(.+\/s\)$/)
})

test('a length that is a lie is found out', async () => {
  using bench = startFetchBench()
  await using short = await startRawServer('HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nonly this')
  await using long = await startRawServer('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmore than that')
  await using noLength = await startRawServer('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end')
  await using noHttp = await startRawServer('SSH-2.0-OpenSSH\r\n\r\n')
  assert.match(await bench.refused('FETCH_FAILED', [`${short.origin}/x`]), /, at 9 of 100 bytes \(.+\/s\)$/)
  await bench.refused('FETCH_FAILED', [`${noHttp.origin}/x`])
  await bench.fetch([`${long.origin}/long`, `${noLength.origin}/open`])
  assert.deepEqual(bench.contents(), { long: 'more', open: 'until the end' })
})

for (const [where, page, said] of [
  ['before the head', () => {}, /: no byte for 0.2 s$/],
  ['in the middle', stallingAt(12e6, 40e6), /: no byte for 0.2 s, at 12 of 40 MB \(.+\/s\)$/],
] as const) {
  test(`a server that is silent ${where} has the stall deadline, and is let go`, async () => {
    using bench = startFetchBench()
    await using server = await startWebServer({ '/x.bin': page })
    assert.match(await bench.refused('STAGE_STALLED', [`${server.origin}/x.bin`], { stallMs: 200 }), said)
    await server.idle()
  })
}

test('a slow server is no stalled one', async () => {
  using bench = startFetchBench()
  const drip: RequestListener = (_request, response) => {
    let left = 8
    const timer = setInterval(() => { if (left-- > 0) response.write('.'); else { clearInterval(timer); response.end() } }, 100)
  }
  await using server = await startWebServer({ '/drip': drip })
  await bench.fetch([`${server.origin}/drip`], { stallMs: 500 })
  assert.deepEqual(bench.contents(), { drip: '........' })
})

test('a host that does not answer, or has no name, is told', async () => {
  using bench = startFetchBench()
  assert.match(await bench.refused('FETCH_FAILED', ['http://127.0.0.1:1/x']), /ECONNREFUSED 127.0.0.1:1/)
  assert.match(await bench.refused('FETCH_FAILED', ['http://localhost:1/x']), /ECONNREFUSED/)
})

test('a compressed transfer is asked not to be', async () => {
  using bench = startFetchBench()
  await using server = await startWebServer({ '/x': (request, response) => { response.end(request.headers['accept-encoding']) } })
  await bench.fetch([`${server.origin}/x`])
  assert.deepEqual(bench.contents(), { x: 'identity' })
})

test('a large file takes no memory, and its progress comes four times a second at most', async () => {
  using bench = startFetchBench()
  await using server = await startWebServer({ '/large': megabytes(400) })
  const before = process.memoryUsage().rss
  let peak = before
  const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss) }, 5)
  const begun = performance.now()
  await bench.fetch([`${server.origin}/large`])
  const seconds = (performance.now() - begun) / 1_000
  clearInterval(timer)
  assert.ok(peak - before < 120e6, `it took ${Math.round((peak - before) / 1e6)} MB`)
  assert.equal(statSync(join(bench.sandbox, 'large')).size, 400e6)
  assert.ok(bench.progress.length >= 1 && bench.progress.length <= seconds * 4 + 2, `${bench.progress.length} in ${seconds} s`)
  assert.deepEqual({ ...bench.progress[0], bytes: 0 }, { file: 1, files: 1, name: 'large', bytes: 0, totalBytes: 400e6 })
})

test('what comes is what was sent', async () => {
  using bench = startFetchBench()
  const body = Buffer.from(Array.from({ length: 300_000 }, (_none, index) => (index * 7919) % 251))
  await using server = await startWebServer({ '/binary': body })
  await bench.fetch([`${server.origin}/binary`])
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  assert.equal(digest(Buffer.from(bench.contents()['binary'] ?? '', 'latin1')), digest(body))
})

test('of many files four at most come at once, and all of them come', async () => {
  using bench = startFetchBench()
  let open = 0
  let most = 0
  const page: RequestListener = (_request, response) => {
    most = Math.max(most, ++open)
    setTimeout(() => { open--; response.end('.') }, 20)
  }
  await using server = await startWebServer({ '*': page })
  await bench.fetch(Array.from({ length: 20 }, (_none, index) => `${server.origin}/f${index}`))
  assert.equal(Object.keys(bench.contents()).length, 20)
  assert.equal(most, 4)
})

test('one file that fails ends the others, and the message says which', async () => {
  using bench = startFetchBench()
  await using server = await startWebServer({ '/hangs': stallingAt(1, 2), '/here': 'x' })
  const message = await bench.refused('FETCH_FAILED', [`${server.origin}/here`, `${server.origin}/hangs`, `${server.origin}/missing`])
  assert.equal(message, `${server.origin}/missing: 404 Not Found (file 3 of 3)`)
  await server.idle()
})
