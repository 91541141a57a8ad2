import assert from 'node:assert/strict'
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ArchiveLimits } from '../../../../src/model/archive-limits.ts'
import { extract } from '../../../../workers/fetch/archive/extract.ts'
import { zipOf, type ZipEntry } from '../../../support/zip.ts'
import { archiveDefaults, startFetchBench, type FetchBench } from './fetch-bench.ts'

const never = new AbortController().signal

function archive (bench: FetchBench, bytes: Uint8Array): string {
  const path = join(bench.outside, 'x.zip')
  writeFileSync(path, bytes)
  return path
}

test('a zip is extracted, with the permissions that it has', async () => {
  using bench = startFetchBench()
  await bench.fetch([archive(bench, zipOf([
    { name: 'd/', mode: 0o40750 }, { name: 'd/ä', body: 'A' }, { name: 'run', body: 'run', mode: 0o106755 }, { name: 'stored', body: 'S', stored: true },
    { name: 'back\\slash', body: 'B' }, { name: 'link', body: 'd/ä', mode: 0o120777 },
  ]))])
  const { 'x.zip': kept, ...others } = bench.contents()
  assert.ok(kept)
  assert.deepEqual(others, { 'd': '/', 'd/ä': 'A', 'run': 'run', 'stored': 'S', 'back': '/', 'back/slash': 'B', 'link': '-> d/ä' })
  assert.equal(statSync(join(bench.sandbox, 'run')).mode & 0o7777, 0o755)
  assert.equal(statSync(join(bench.sandbox, 'd/ä')).mode & 0o7777, 0o644)
  assert.equal(statSync(join(bench.sandbox, 'd')).mode & 0o7777, 0o750)
})

for (const [what, entries, said] of [
  ['..', [{ name: '../victim', body: 'x' }], /\.\.\/victim/],
  ['.. with backslashes', [{ name: 'a\\..\\..\\victim', body: 'x' }], /victim/],
  ['an absolute name', [{ name: '/tmp/slipway-victim', body: 'x' }], /absolute/],
  ['the log file', [{ name: 'stdout', body: 'x' }], /is reserved/],
  ['an outward link', [{ name: 'l', body: '../victim', mode: 0o120777 }], /leads out of the sandbox/],
  ['a file through a link', [{ name: 'l', body: '..', mode: 0o120777 }, { name: 'l/victim', body: 'x' }], /is a link, and a folder/],
  ['a link as long as a file', [{ name: 'l', body: 'x'.repeat(5_000), mode: 0o120777 }], /a link that is too long/],
  ['a device', [{ name: 'null', mode: 0o020666 }], /neither a file, a folder nor a link/],
  ['a fifo', [{ name: 'pipe', mode: 0o010666 }], /neither a file, a folder nor a link/],
  ['an encrypted entry', [{ name: 'a', body: 'x', flags: 1 }], /"a" is encrypted/],
  ['a wrong checksum', [{ name: 'a', body: 'x', crc: 1 }], /"a" is damaged/],
  ['more than it says', [{ name: 'a', body: 'x'.repeat(5_000), size: 10 }], /too many bytes/],
  ['less than it says', [{ name: 'a', body: 'x', size: 10 }], /not enough bytes/],
] as ReadonlyArray<[string, ZipEntry[], RegExp]>) {
  test(`a zip with ${what} is refused whole`, async () => {
    using bench = startFetchBench()
    const bytes = zipOf([{ name: 'first', body: 'x' }, ...entries, { name: 'last', body: 'x' }])
    const message = await bench.refused('FETCH_FAILED', [archive(bench, bytes)])
    assert.match(message, said)
    assert.match(message, /x\.zip: cannot be extracted: /)
  })
}

for (const [what, bytes] of [
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('no zip at all')],
  ['half a zip', zipOf([{ name: 'a', body: 'x'.repeat(500) }]).subarray(0, 60)],
  ['without its middle', Buffer.from(zipOf([{ name: 'a', body: 'x'.repeat(500) }]).fill(0, 30, 60))],
] as const) {
  test(`a zip that is ${what} is refused`, async () => {
    using bench = startFetchBench()
    assert.match(await bench.refused('FETCH_FAILED', [archive(bench, bytes)]), /cannot be extracted: \S/)
  })
}

test('a zip bomb ends at the limit, by bytes and by entries', async () => {
  using bench = startFetchBench()
  const bytes = archive(bench, zipOf(Array.from({ length: 10 }, (_none, index) => ({ name: `f${index}`, body: Buffer.alloc(1e6) }))))
  const into = (limits: Partial<ArchiveLimits>): Promise<string[]> => {
    return extract({ path: bytes, format: 'zip', limits: { ...archiveDefaults, ...limits }, name: 'x.zip' }, mkdtempSync(join(bench.outside, 'into-')), never)
  }
  await assert.rejects(into({ entries: 10, bytes: 5e6 }), { code: 'FETCH_FAILED', message: /unfolds to more than 5 MB \(--fetch-archive-bytes\)/ })
  await assert.rejects(into({ entries: 9, bytes: 1e9 }), { code: 'FETCH_FAILED', message: /more than 9 entries/ })
  assert.deepEqual(await into({ entries: 10, bytes: 10e6 }), [])
})
