import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fetchUris } from '../../../../workers/fetch/fetch-uris.ts'
import { fullUri, startFetchBench } from './fetch-bench.ts'

test('files of the host come by plain path and by file URI, with their permissions', async () => {
  using bench = startFetchBench()
  const path = join(bench.outside, 'a b%20ä#?.sh')
  writeFileSync(path, 'echo')
  chmodSync(path, 0o4754)
  await bench.fetch([
    path, { value: `file://${encodeURI(path).replace('#', '%23').replace('?', '%3f')}`, outputFile: 'encoded' },
    { value: `file://localhost${join(bench.outside, 'victim')}`, executable: true },
  ])
  assert.deepEqual(bench.contents(), { 'a b%20ä#?.sh': 'echo', 'encoded': 'echo', 'victim': 'unharmed' })
  assert.equal(statSync(join(bench.sandbox, 'a b%20ä#?.sh')).mode & 0o7777, 0o754)
  assert.equal(statSync(join(bench.sandbox, 'victim')).mode & 0o7777, 0o755)
})

test('a file that not everyone may read is refused, though the agent may', async () => {
  using bench = startFetchBench()
  const path = join(bench.outside, 'secret')
  writeFileSync(path, 'key', { mode: 0o640 })
  assert.match(await bench.refused('FETCH_FAILED', [path]), /it is not readable by everyone on this host/)
})

test('what a lost worker left of its fetch is removed by the next', async () => {
  using bench = startFetchBench()
  mkdirSync(join(bench.sandbox, '.slipway-fetch-lost', '0'), { recursive: true })
  await bench.fetch([join(bench.outside, 'victim')])
  assert.deepEqual(bench.contents(), { victim: 'unharmed' })
})

test('a large file is copied whole, and an empty one too', async () => {
  using bench = startFetchBench()
  const path = join(bench.outside, 'large')
  writeFileSync(path, '')
  truncateSync(path, 50e6)
  writeFileSync(join(bench.outside, 'empty'), '')
  assert.deepEqual(await bench.fetch([path, join(bench.outside, 'empty')]), { bytes: 50e6, cachedBytes: 0 })
  assert.equal(statSync(join(bench.sandbox, 'large')).size, 50e6)
  assert.equal(statSync(join(bench.sandbox, 'empty')).size, 0)
})

test('what is no regular file is refused without waiting for it', async () => {
  using bench = startFetchBench()
  execFileSync('mkfifo', [join(bench.outside, 'fifo')])
  mkdirSync(join(bench.outside, 'folder'))
  symlinkSync('fifo', join(bench.outside, 'link'))
  for (const path of ['fifo', 'folder', 'link']) {
    assert.match(await bench.refused('FETCH_FAILED', [join(bench.outside, path)]), /it is not a regular file/)
  }
  assert.match(await bench.refused('FETCH_FAILED', ['/dev/zero']), /it is not a regular file/)
  assert.match(await bench.refused('FETCH_FAILED', ['/no/such/file']), /^\/no\/such\/file: ENOENT/)
})

test('a sandbox that is not there is told apart from a file that is not', async () => {
  using bench = startFetchBench()
  const input = { sandbox: join(bench.outside, 'missing'), uris: [fullUri('/etc/hosts')], stallMs: 1_000 }
  const context = { signal: new AbortController().signal, progress () {} }
  await assert.rejects(fetchUris(input, context), { code: 'SANDBOX_FAILED' })
  assert.deepEqual(await fetchUris({ ...input, uris: [] }, context), { bytes: 0, cachedBytes: 0 })
})
