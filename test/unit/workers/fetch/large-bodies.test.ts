import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RequestListener, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { startFetchBench } from './fetch-bench.ts'
import { startWebServer } from './web-server.ts'

/** Each place in it is unlike every other: a piece that comes twice, late or not at all shows. */
const body = randomBytes(24e6)
const sha256 = digest(body)

function digest (bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function inPieces (response: ServerResponse, sizes: readonly number[], isHurried: boolean): Promise<void> {
  for (let at = 0, turn = 0; at < body.length && !response.destroyed; turn++) {
    const size = sizes[turn % sizes.length] ?? body.length
    const goesOn = response.write(body.subarray(at, at + size))
    if (!goesOn || !isHurried) await nextTurn()
    at += size
  }
  response.end()
}

const ways: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'at once, of known length': response => { response.writeHead(200, { 'content-length': body.length }).end(body) },
  'at once, of unknown length': response => { response.end(body) },
  'in large pieces of known length': response => {
    response.writeHead(200, { 'content-length': body.length })
    void inPieces(response, [70_000, 300_000, 5e6], true)
  },
  'in drops and gushes': response => {
    response.writeHead(200, { 'content-length': body.length })
    void inPieces(response, [1, 2e6, 40_000, 100], false)
  },
  'in chunks of all sizes': response => { void inPieces(response, [65_536, 1, 262_144, 3e6, 17], false) },
  'to the end of the connection': response => {
    response.shouldKeepAlive = false
    response.useChunkedEncodingByDefault = false
    response.removeHeader('transfer-encoding')
    response.end(body)
  },
}

test('many large files that come side by side, each in its own way, are what was sent', async () => {
  using bench = startFetchBench()
  const pages = Object.values(ways).map((send, at): [string, RequestListener] => [`/${at}`, (_request, response) => { send(response) }])
  await using server = await startWebServer(Object.fromEntries(pages))
  const uris = pages.flatMap(([path]) => [1, 2].map(turn => ({ value: `${server.origin}${path}`, outputFile: `f${path.slice(1)}-${turn}` })))
  await bench.fetch(uris, { transfer: { urisAtOnce: 6 }, stallMs: 60_000 })
  for (const [at, way] of Object.keys(ways).entries()) {
    for (const turn of [1, 2]) assert.equal(digest(readFileSync(join(bench.sandbox, `f${at}-${turn}`))), sha256, way)
  }
})

test('a large body that is cut and goes on is what was sent', async () => {
  using bench = startFetchBench()
  let asked = 0
  const page: RequestListener = (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const headers = { 'etag': '"1"', 'content-length': body.length - from, 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }
    response.writeHead(from > 0 ? 206 : 200, headers)
    if (++asked > 3) response.end(body.subarray(from))
    else response.write(body.subarray(from, from + 5e6), () => { response.destroy() })
  }
  await using server = await startWebServer({ '/f': page })
  await bench.fetch([`${server.origin}/f#sha256=${sha256}`], { transfer: { retries: 4, retryDelayMs: 1 } })
  assert.ok(asked > 1)
  assert.ok(readFileSync(join(bench.sandbox, 'f')).equals(body))
})
