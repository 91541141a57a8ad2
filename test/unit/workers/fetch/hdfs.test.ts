import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { AgentError } from '../../../../src/model/errors.ts'
import { plainTransfer, type HadoopOptions } from '../../../../src/model/transfer-options.ts'
import { startHttpClient } from '../../../../workers/fetch/http/http-client.ts'
import { probe } from '../../../../workers/fetch/probe.ts'
import { sourceOf } from '../../../../workers/fetch/source.ts'
import { eventually } from '../../../support/eventually.ts'
import { startFetchBench, type FetchBench } from './fetch-bench.ts'
import { hdfsNodes, standby } from './webhdfs-server.ts'
import { startWebServer } from './web-server.ts'

const body = Buffer.from('x'.repeat(5_000))
const file = { body, modificationTime: 1 }
const webHdfs = (...nodes: string[]): { hadoop: HadoopOptions, retries: number, retryDelayMs: number } =>
  ({ hadoop: { ...plainTransfer.hadoop, webHdfs: nodes }, retries: 2, retryDelayMs: 1 })

test('a file of HDFS comes from the data node that the name node redirects to, and is gone on with at an offset', async () => {
  using bench = startFetchBench()
  let origin = ''
  const nodes = hdfsNodes(() => origin, { '/dir/a b ä%': file }, { cuts: 1, user: 'joe' })
  await using data = await startWebServer({ '*': nodes.dataNode })
  origin = data.origin
  await using name = await startWebServer({ '*': nodes.nameNode })
  await bench.fetch([`hdfs://cluster/dir/${encodeURIComponent('a b ä%')}`], { transfer: webHdfs(name.origin.replace('//', '//joe@')) })
  assert.deepEqual(bench.contents(), { 'a b ä%': String(body) })
  assert.deepEqual(nodes.asked.filter(one => one.startsWith('data')), ['data 0', 'data 1000'])
})

test('a file that changed half-way comes whole', async () => {
  using bench = startFetchBench()
  let origin = ''
  const files = { '/f': file }
  const nodes = hdfsNodes(() => origin, files, { cuts: 1 })
  await using data = await startWebServer({
    '*': (request, response) => {
      nodes.dataNode(request, response)
      files['/f'] = { body: Buffer.from('new'), modificationTime: 2 }
    },
  })
  origin = data.origin
  await using name = await startWebServer({ '*': nodes.nameNode })
  await bench.fetch(['hdfs://cluster/f'], { transfer: webHdfs(name.origin) })
  assert.deepEqual(bench.contents(), { f: 'new' })
})

test('the active name node of several is found, and its refusals are told', async () => {
  using bench = startFetchBench()
  let origin = ''
  const nodes = hdfsNodes(() => origin, { '/f': file })
  await using data = await startWebServer({ '*': nodes.dataNode })
  origin = data.origin
  await using passive = await startWebServer({ '*': standby })
  await using active = await startWebServer({ '*': nodes.nameNode })
  const transfer = webHdfs('http://127.0.0.1:1', passive.origin, active.origin)
  await bench.fetch(['hdfs:///f'], { transfer })
  assert.deepEqual(bench.contents(), { f: String(body) })
  assert.equal(await bench.refused('FETCH_FAILED', ['hdfs://c/none'], { transfer }), 'hdfs://c/none: 404 Not Found (FileNotFoundException: File does not exist: /none)')
  assert.match(await bench.refused('FETCH_FAILED', [{ value: 'hdfs://c/', outputFile: 'x' }], { transfer }), /it is a directory/)
  assert.match(await bench.refused('FETCH_FAILED', ['hdfs://eve@c/f'], { transfer }), /403 Forbidden \(AccessControlException: Permission denied: user=nobody\)/)
  const options = { ...plainTransfer, ...transfer }
  using client = startHttpClient(options)
  const probed = await probe(sourceOf('hdfs://c/f', options), { client, stallMs: 5_000 }, new AbortController().signal)
  assert.deepEqual(probed, { bytes: body.length, etag: undefined, lastModified: '1' })
})

test('webhdfs: names the name node itself', async () => {
  using bench = startFetchBench()
  let origin = ''
  const nodes = hdfsNodes(() => origin, { '/f': file })
  await using data = await startWebServer({ '*': nodes.dataNode })
  origin = data.origin
  await using name = await startWebServer({ '*': nodes.nameNode, '/webhdfs/v1/odd?op=GETFILESTATUS': '<html>' })
  await bench.fetch([`webhdfs://${name.origin.slice(7)}/f`])
  assert.deepEqual(bench.contents(), { f: String(body) })
  assert.match(await bench.refused('FETCH_FAILED', [`webhdfs://${name.origin.slice(7)}/odd`]), /what answers there is no name node/)
})

/** A program in place of `hadoop`; `$3` is the URI, `$4` the path. */
function standIn (bench: FetchBench, script: string): { hadoop: HadoopOptions } {
  const client = join(bench.outside, 'hadoop')
  writeFileSync(client, `#!/bin/sh\n[ "$1 $2" = 'fs -copyToLocal' ] || exit 9\n${script}\n`)
  chmodSync(client, 0o755)
  return { hadoop: { ...plainTransfer.hadoop, client, schemes: ['hdfs', 'maprfs'] } }
}

test('the hadoop client copies what nobody else can, and knows nothing of the agent', async () => {
  using bench = startFetchBench()
  process.env['SLIPWAY_TOKEN'] = 'secret'
  const transfer = standIn(bench, 'printf "%s of %s" "$3" "$SLIPWAY_TOKEN" > "$4._COPYING_"; mv "$4._COPYING_" "$4"')
  await bench.fetch(['maprfs:///a%20b'], { transfer })
  assert.deepEqual(bench.contents(), { 'a b': 'maprfs:///a%20b of ' })
})

test('what the hadoop client says when it fails is told, without credentials', async () => {
  using bench = startFetchBench()
  const said = await bench.refused('FETCH_FAILED', ['hdfs://me:secret@nn/x'], { transfer: standIn(bench, 'echo log >&2; echo "no such file: $3" >&2; exit 1') })
  assert.equal(said, 'hdfs://nn/x: the hadoop client failed: no such file: hdfs://nn/x')
  assert.match(await bench.refused('FETCH_FAILED', ['hdfs://nn/x'], { transfer: standIn(bench, 'exit 3') }), /the hadoop client failed: it ended with 3/)
  assert.match(await bench.refused('FETCH_FAILED', ['hdfs://nn/x'], { transfer: standIn(bench, 'exit 0') }), /said that it copied the file, and there is none/)
  assert.match(await bench.refused('FETCH_FAILED', ['hdfs://nn/x'], { transfer: standIn(bench, 'mkdir "$4"') }), /not a regular file/)
  const missing = { hadoop: { ...plainTransfer.hadoop, client: '/no/such/hadoop', schemes: ['hdfs'] } }
  assert.match(await bench.refused('FETCH_FAILED', ['hdfs://nn/x'], { transfer: missing }), /cannot be started \(--hadoop-client\): .*ENOENT/)
})

test('a hadoop client that does nothing has the stall deadline; one that is cancelled ends with all that it started', async () => {
  using bench = startFetchBench()
  const pids = join(bench.outside, 'pids')
  const hung = standIn(bench, `sleep 1000 & echo $! > ${pids}; wait`)
  writeFileSync(pids, '')
  const gone = async (): Promise<void> => {
    const pid = readFileSync(pids, 'utf8').trim()
    await eventually(() => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '))
  }
  await assert.rejects(bench.fetch(['hdfs://nn/x'], { transfer: hung, stallMs: 500 }), { code: 'STAGE_STALLED' })
  await gone()
  const controller = new AbortController()
  const running = bench.fetch(['hdfs://nn/x'], { transfer: hung, signal: controller.signal })
  writeFileSync(pids, '')
  await eventually(() => readFileSync(pids, 'utf8') !== '')
  const killed = new AgentError('CANCELLED', 'killed')
  controller.abort(killed)
  await assert.rejects(running, error => error === killed)
  await gone()
  assert.deepEqual(bench.contents(), {})
})

test('a slow hadoop client is none that stalls while its file grows', async () => {
  using bench = startFetchBench()
  const transfer = standIn(bench, 'for i in 1 2 3 4 5 6; do echo $i >> "$4._COPYING_"; sleep 0.5; done; mv "$4._COPYING_" "$4"')
  await bench.fetch(['hdfs://nn/x'], { transfer, stallMs: 2_000 })
  assert.deepEqual(bench.contents(), { x: '1\n2\n3\n4\n5\n6\n' })
})

test('what a hadoop client copies is within the limits as well, while it does so', async () => {
  using bench = startFetchBench()
  const transfer = { ...standIn(bench, 'head -c 5000 /dev/zero > "$4"; exec sleep 1000'), maxBytes: 1000 }
  assert.match(await bench.refused('FETCH_FAILED', ['hdfs://nn/x'], { transfer }), /may have 1 kB together/)
})
