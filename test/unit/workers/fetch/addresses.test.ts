import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestListener } from 'node:http'
import { addressKinds } from '../../../../src/model/transfer-options.ts'
import { kindAmong } from '../../../../workers/fetch/address-kind.ts'
import { guardedLookup } from '../../../../workers/fetch/guarded-lookup.ts'
import { startFetchBench } from './fetch-bench.ts'
import { startWebServer } from './web-server.ts'

for (const [kind, addresses] of [
  ['link-local', ['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', 'fd00:ec2::254']],
  ['loopback', ['127.0.0.1', '127.9.9.9', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1', '::ffff:7f00:1']],
  ['private', ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fd12::1', '::ffff:10.0.0.1']],
  [undefined, ['8.8.8.8', '172.32.0.1', '2001:db8::1', '169.253.0.1', '::ffff:8.8.8.8']],
] as const) for (const address of addresses) test(`${address} is ${kind ?? 'anybody\'s'}`, () => { assert.equal(kindAmong(address, addressKinds), kind) })

const said = /is a loopback address, which this agent does not fetch from/

test('addresses that are denied are not reached, by number or by name', async () => {
  using bench = startFetchBench()
  await using server = await startWebServer({ '/x': 'x' })
  const port = new URL(server.origin).port
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '0']) {
    assert.match(await bench.refused('NOT_ALLOWED', [`http://${host}:${port}/x`], { transfer: { denyAddresses: ['loopback'] } }), said)
  }
  assert.match(await bench.refused('NOT_ALLOWED', [`ftp://localhost:${port}/x`], { transfer: { denyAddresses: ['loopback'] } }), said)
  await bench.fetch([`${server.origin}/x`], { transfer: { denyAddresses: ['link-local', 'private'] } })
})

test('a server does not redirect to addresses that are denied to it, unless it is there itself', async () => {
  using bench = startFetchBench()
  await using target = await startWebServer({ '/y': 'y' })
  const page: RequestListener = (_request, response) => { response.writeHead(302, { location: `${target.origin}/y` }).end() }
  await using server = await startWebServer({ '/x': page })
  const transfer = { denyRedirects: ['loopback' as const] }
  await bench.fetch([`${server.origin}/x`], { transfer })
  const elsewhere = server.origin.replace('127.0.0.1', 'localhost')       // another name: it might be anywhere
  assert.match(await bench.refused('NOT_ALLOWED', [`${elsewhere}/x`], { transfer }), said)
})

test('of the addresses of a name those that are denied are left out', async () => {
  const lookup = guardedLookup((_name, _options, callback) => {
    callback(null, [{ address: '10.0.0.1', family: 4 }, { address: '8.8.8.8', family: 4 }])
  }, ['private'])
  assert.deepEqual(await new Promise(resolve => { lookup('h', { all: true }, (_error, found) => { resolve(found) }) }), [{ address: '8.8.8.8', family: 4 }])
  assert.equal(await new Promise(resolve => { lookup('h', {}, (_error, found) => { resolve(found) }) }), '8.8.8.8')
})

test('https does not become http', async () => {
  using bench = startFetchBench()
  const to = (location: string): RequestListener => (_request, response) => { response.writeHead(302, { location }).end() }
  await using server = await startWebServer({ '/file': to('file:///etc/passwd'), '/ftp': to('ftp://h/x'), '/none': to('http://:x') })
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/file`]), /redirected to another scheme: file:\/\/\/etc\/passwd/)
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/ftp`]), /redirected to another scheme: ftp:\/\/h\/x/)
  assert.match(await bench.refused('FETCH_FAILED', [`${server.origin}/none`]), /redirected to what is not a URI/)
})
