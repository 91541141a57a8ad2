import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as httpRequest, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { readFileSync } from 'node:fs'
import { plainTransfer } from '../../../../src/model/transfer-options.ts'
import { startHttpClient } from '../../../../workers/fetch/http/http-client.ts'
import { proxyFor } from '../../../../workers/fetch/http/proxy-for.ts'
import { sourceOf } from '../../../../workers/fetch/source.ts'
import { transfer } from '../../../../workers/fetch/transfer.ts'
import { canMakeCertificates, startSecureServer } from './secure-server.ts'
import { startFetchBench } from './fetch-bench.ts'
import { startWebServer } from './web-server.ts'

const rows: ReadonlyArray<readonly [url: string, env: Record<string, string>, proxy: string | undefined]> = [
  ['http://h/x', {}, undefined],
  ['http://h/x', { http_proxy: 'http://p:1' }, 'http://p:1/'],
  ['http://h/x', { HTTP_PROXY: 'http://p:1' }, undefined],       // a CGI program's request header would be taken for it
  ['https://h/x', { http_proxy: 'http://p:1' }, undefined],
  ['https://h/x', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1/'],
  ['https://h/x', { https_proxy: '', HTTPS_PROXY: 'p:3128' }, 'http://p:3128/'],
  ['https://h/x', { ALL_PROXY: 'http://p:1' }, 'http://p:1/'],
  ['http://h/x', { http_proxy: 'http://p:1', no_proxy: '*' }, undefined],
  ['http://a.h.example/x', { http_proxy: 'http://p:1', NO_PROXY: 'other, h.example' }, undefined],
  ['http://ah.example/x', { http_proxy: 'http://p:1', no_proxy: 'h.example' }, 'http://p:1/'],
  ['http://a.h.example/x', { http_proxy: 'http://p:1', no_proxy: '.h.example' }, undefined],
  ['http://h:81/x', { http_proxy: 'http://p:1', no_proxy: 'h:80' }, 'http://p:1/'],
  ['http://h/x', { http_proxy: 'http://p:1', no_proxy: 'h:80' }, undefined],
  ['http://[::1]/x', { http_proxy: 'http://p:1', no_proxy: '::1' }, undefined],
  ['http://[::1]:5/x', { http_proxy: 'http://p:1', no_proxy: '[::1]:5' }, undefined],
  ['http://10.0.0.1/x', { http_proxy: 'http://p:1', no_proxy: '0.0.1' }, 'http://p:1/'],
]

for (const [url, env, proxy] of rows) test(`with ${JSON.stringify(env)}, ${url} goes ${proxy === undefined ? 'straight' : `by ${proxy}`}`, () => {
  assert.equal(proxyFor(new URL(url), env)?.href, proxy)
})

test('a proxy of another kind is refused, and its password is not told', () => {
  assert.throws(() => proxyFor(new URL('http://h/x'), { all_proxy: 'socks5://me:secret@p:1' }), { code: 'NOT_SUPPORTED', message: /proxy of the kind socks5/ })
  assert.throws(() => proxyFor(new URL('http://h/x'), { all_proxy: 'http://me:sec ret@p:x' }), (error: Error) => !error.message.includes('sec'))
})

interface Proxy extends AsyncDisposable { readonly url: string, readonly seen: string[] }

async function startProxy (): Promise<Proxy> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`)
    const { 'proxy-authorization': _own, ...headers } = request.headers
    httpRequest(request.url ?? '', { headers }, answer => { response.writeHead(answer.statusCode ?? 0, answer.headers); answer.pipe(response) }).end()
  })
  server.on('connect', (request, socket) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`)
    const far = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => { socket.write('HTTP/1.1 200 OK\r\n\r\n'); far.pipe(socket); socket.pipe(far) })
    for (const one of [far, socket]) one.on('error', () => { far.destroy(); socket.destroy() })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    seen,
    url: `http://me:s%40cret@127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose] () {
      server.close()
      server.closeAllConnections()
    },
  }
}

const login = `Basic ${Buffer.from('me:s@cret').toString('base64')}`
const never = new AbortController().signal

test('the proxy of the environment is asked, with its user; the server sees nothing of that', async () => {
  using bench = startFetchBench()
  await using proxy = await startProxy()
  await using server = await startWebServer({ '/x?y=1': (request, response) => { response.end(JSON.stringify(request.headers)) } })
  using client = startHttpClient(plainTransfer, { http_proxy: proxy.url })
  const path = join(bench.sandbox, 'x')
  await transfer(sourceOf(`${server.origin}/x?y=1`, plainTransfer), path, { client, options: plainTransfer, stallMs: 5_000, onBytes () {} }, never)
  assert.deepEqual(proxy.seen, [`GET ${server.origin}/x?y=1 ${login}`])
  const headers = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>
  assert.equal(headers['host'], server.origin.replace('http://', ''))
  assert.equal(headers['proxy-authorization'], undefined)
})

const skip = !canMakeCertificates && 'there is no openssl'

test('https goes through the proxy in a tunnel, its certificate checked against the operator\'s', { skip }, async () => {
  using bench = startFetchBench()
  await using proxy = await startProxy()
  await using server = await startSecureServer(bench.outside, (_request, response) => { response.end('inside') })
  const options = { ...plainTransfer, caFile: server.caFile }
  using client = startHttpClient(options, { https_proxy: proxy.url })
  const path = join(bench.sandbox, 'x')
  await transfer(sourceOf(`${server.origin}/x`, options), path, { client, options, stallMs: 5_000, onBytes () {} }, never)
  assert.equal(readFileSync(path, 'utf8'), 'inside')
  assert.deepEqual(proxy.seen, [`CONNECT localhost:${new URL(server.origin).port} ${login}`])
})

test('the operator\'s certificates count beside those of the system', { skip }, async () => {
  using bench = startFetchBench()
  await using server = await startSecureServer(bench.outside, (_request, response) => { response.end('inside') })
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/x`]), /self-signed certificate/)
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/x`], { transfer: { caFile: '/no/such.pem' } }), /--fetch-ca-file cannot be read: ENOENT/)
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/x`], { transfer: { caFile: join(bench.outside, 'victim') } }), /holds no certificate/)
  await bench.fetch([`${server.origin}/x`], { transfer: { caFile: server.caFile } })
  assert.equal(bench.contents()['x'], 'inside')
})

test('https is not redirected to http, and http is to https', { skip }, async () => {
  using bench = startFetchBench()
  const up: RequestListener = (_request, response) => { response.writeHead(302, { location: `${secure.origin}/x` }).end() }
  await using plain = await startWebServer({ '/x': 'plain', '/up': up })
  await using secure = await startSecureServer(bench.outside, (request, response) => {
    if (request.url === '/down') response.writeHead(302, { location: `${plain.origin}/x` }).end()
    else response.end('inside')
  })
  const transfer = { caFile: secure.caFile }
  assert.match(await bench.refused('FETCH_FAILED', [`${secure.origin}/down`], { transfer }), /302 Found, redirected to another scheme: http:/)
  await bench.fetch([{ value: `${plain.origin}/up`, outputFile: 'x' }], { transfer })
  assert.equal(bench.contents()['x'], 'inside')
})
