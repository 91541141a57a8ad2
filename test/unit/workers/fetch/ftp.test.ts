import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { AgentError } from '../../../../src/model/errors.ts'
import { plainTransfer } from '../../../../src/model/transfer-options.ts'
import { ftpStatus, openFtp } from '../../../../workers/fetch/ftp/open-ftp.ts'
import { startHttpClient } from '../../../../workers/fetch/http/http-client.ts'
import { probe } from '../../../../workers/fetch/probe.ts'
import { sourceOf } from '../../../../workers/fetch/source.ts'
import { startFetchBench } from './fetch-bench.ts'
import { startFakeFtp, type FtpFile } from './ftp-server.ts'
import { needsPureFtpd, startPureFtpd } from './pure-ftpd.ts'
import { canMakeCertificates, makeCertificate } from './secure-server.ts'

const quick = { retries: 2, retryDelayMs: 1 }
const body = Buffer.from(Array.from({ length: 200_000 }, (_none, at) => (at * 7919) % 251))
const modified = '20240101000000'
const transfersOf = (commands: readonly string[]): string[] => commands.filter(one => /^(REST|RETR)/.test(one))

const real = needsPureFtpd()

test('files come from a real ftp server, by name and password, with odd names, and their sizes can be asked for', { skip: real.skip }, async () => {
  using bench = startFetchBench()
  const large = randomBytes(5_000_000)
  await using server = await startPureFtpd(bench.outside, { 'large': large, 'dir/a b ä%.txt': Buffer.from('odd'), ' lead': Buffer.from('space') })
  const at = `ftp://joe:p%40ss@localhost:${server.port}`
  const sha256 = createHash('sha256').update(large).digest('hex')
  await bench.fetch([`${at}/large#sha256=${sha256}`, `${at}/dir/a%20b%20%C3%A4%25.txt`, `${at}/%20lead`], { stallMs: 30_000 })
  const { large: came, ...others } = bench.contents()
  assert.ok(Buffer.from(came ?? '', 'latin1').equals(large))
  assert.deepEqual(others, { 'a b ä%.txt': 'odd', ' lead': 'space' })
  assert.match(await bench.refused('FETCH_FAILED', [`${at}/missing`], { stallMs: 30_000 }), /^ftp:\/\/localhost:\d+\/missing: 550 /)
  assert.match(await bench.refused('FETCH_FAILED', [`${at.replace('p%40ss', 'wrong')}/large`], { stallMs: 30_000 }), /\/large: 530 /)
  using client = startHttpClient(plainTransfer)
  const { bytes, lastModified } = await probe(sourceOf(`${at}/large`, plainTransfer), { client, stallMs: 30_000 }, new AbortController().signal)
  assert.equal(bytes, large.length)
  assert.ok(Math.abs(Date.parse(lastModified ?? '') - Date.now()) < 3_600_000)
})

test('a real ftp server gives the rest of a file, and speaks TLS where it is asked to', { skip: real.skip }, async () => {
  using bench = startFetchBench()
  const certificate = makeCertificate(bench.outside)
  await using server = await startPureFtpd(bench.outside, { f: body }, certificate)
  const url = new URL(`ftpes://joe:p%40ss@localhost:${server.port}/f`)
  await bench.fetch([url.href], { transfer: { caFile: certificate.caFile }, stallMs: 30_000 })
  assert.ok(readFileSync(join(bench.sandbox, 'f')).equals(body))
  assert.match(await bench.refused('FETCH_FAILED', [url.href], { stallMs: 30_000 }), /self-signed certificate/)
  using client = startHttpClient({ ...plainTransfer, caFile: certificate.caFile })
  const never = new AbortController().signal
  const whole = await ftpStatus(client, url, never)
  const have = { bytes: 150_000, etag: undefined, lastModified: whole.lastModified, totalBytes: whole.totalBytes }
  const rest = await openFtp(client, url, have, never)
  const chunks: Uint8Array[] = []
  for await (const chunk of rest.chunks) chunks.push(chunk)
  assert.deepEqual([rest.offset, rest.canResume], [150_000, true])
  assert.ok(Buffer.concat(chunks).equals(body.subarray(150_000)))
})

test('a cut file is gone on with if its size and time are the same still, else it begins anew', async () => {
  using bench = startFetchBench()
  const files: Record<string, FtpFile> = { same: { body, modified }, timeless: { body } }
  await using server = await startFakeFtp({ files, faults: [{ cutAfter: 50_000 }, {}, { cutAfter: 50_000 }] })
  const at = `ftp://127.0.0.1:${server.port}`
  await bench.fetch([`${at}/same`], { transfer: quick })
  await bench.fetch([`${at}/timeless`], { transfer: quick })
  assert.deepEqual(transfersOf(server.commands), ['RETR same', 'REST 50000', 'RETR same', 'RETR timeless', 'RETR timeless'])
  for (const name of ['same', 'timeless']) assert.ok(readFileSync(join(bench.sandbox, name)).equals(body))
})

test('a file that changes half-way comes whole', async () => {
  using bench = startFetchBench()
  const files: Record<string, FtpFile> = { f: { body, modified } }
  await using server = await startFakeFtp({ files, faults: [{ cutAfter: 50_000, then: () => { files['f'] = { body: Buffer.from('new'), modified } } }] })
  await bench.fetch([`ftp://127.0.0.1:${server.port}/f`], { transfer: quick })
  assert.deepEqual(bench.contents(), { f: 'new' })
})

test('a server that cannot be had for the moment is asked again, one that refuses is not', async () => {
  using bench = startFetchBench()
  await using busy = await startFakeFtp({ files: {}, answers: { USER: '421 too many of you' } })
  assert.match(await bench.refused('FETCH_FAILED', [`ftp://127.0.0.1:${busy.port}/f`], { transfer: quick }), /421 too many of you, after 3 attempts$/)
  await using closed = await startFakeFtp({ files: {}, answers: { USER: '530 not you' } })
  assert.match(await bench.refused('FETCH_FAILED', [`ftp://me:secret@127.0.0.1:${closed.port}/f`], { transfer: quick }), /\/f: 530 not you$/)
  await using lying = await startFakeFtp({ files: { f: { body, modified } }, answers: { SIZE: '213 300000' } })
  assert.match(await bench.refused('FETCH_FAILED', [`ftp://127.0.0.1:${lying.port}/f`], { transfer: { ...quick, retries: 0 } }), /it ended early, at 200 of 300 kB/)
})

test('a name cannot bring commands of its own, nor a server another host', async () => {
  using bench = startFetchBench()
  await using server = await startFakeFtp({ files: {}, answers: { EPSV: '500 no', PASV: '227 there (10,0,0,1,0,80)', SIZE: '213 5' } })
  const uri = { value: `ftp://127.0.0.1:${server.port}/f%0d%0aDELE%20x`, outputFile: 'x' }
  assert.match(await bench.refused('FETCH_FAILED', [uri], { transfer: quick }), /control characters/)
  assert.ok(server.commands.every(one => !one.startsWith('DELE')))
  assert.match(await bench.refused('FETCH_FAILED', [`ftp://127.0.0.1:${server.port}/f`]), /PASV returned another host/)
})

test('a silent server has the stall deadline, and a cancel ends the connection', async () => {
  using bench = startFetchBench()
  await using server = await startFakeFtp({ files: { f: { body, modified } }, faults: [{ hangAfter: 1000 }, { hangAfter: 1000 }] })
  const uri = `ftp://127.0.0.1:${server.port}/f`
  assert.match(await bench.refused('STAGE_STALLED', [uri], { stallMs: 300 }), /no byte for 0.3 s, at 1 of 200 kB/)
  const controller = new AbortController()
  const killed = new AgentError('CANCELLED', 'killed')
  const running = bench.fetch([uri], { signal: controller.signal, onProgress: () => { controller.abort(killed) } })
  await assert.rejects(running, error => error === killed)
  assert.deepEqual(bench.contents(), {})
})

test('ftps is TLS from the first byte, to servers that are vouched for', { skip: !canMakeCertificates && 'there is no openssl' }, async () => {
  using bench = startFetchBench()
  const { keyFile, caFile } = makeCertificate(bench.outside)
  await using server = await startFakeFtp({ files: { f: { body, modified } }, tls: { key: readFileSync(keyFile), cert: readFileSync(caFile) } })
  const uri = `ftps://me:secret@localhost:${server.port}/f`
  assert.match(await bench.refused('FETCH_FAILED', [uri]), /self-signed certificate/)
  assert.match(await bench.refused('FETCH_FAILED', [uri.replace('localhost', '127.0.0.1')], { transfer: { caFile } }), /does not match certificate's altnames/)
  await bench.fetch([uri], { transfer: { caFile } })
  assert.ok(readFileSync(join(bench.sandbox, 'f')).equals(body))
  assert.ok(server.commands.includes('PROT P'))
})
