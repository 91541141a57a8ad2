import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { ArchiveLimits } from '../../../../src/model/archive-limits.ts'
import { extract } from '../../../../workers/fetch/archive/extract.ts'
import { paxEntry, tarEntry, tarOf, type TarEntry } from '../../../support/tar.ts'
import { archiveDefaults, startFetchBench, treeOf, type FetchBench } from './fetch-bench.ts'

const never = new AbortController().signal

/** Puts the archive on the host; its path. */
function archive (bench: FetchBench, bytes: Uint8Array, name = 'x.tar'): string {
  const path = join(bench.outside, name)
  writeFileSync(path, bytes)
  return path
}

function secondOf (path: string): number {
  return Math.floor(statSync(path).mtimeMs / 1000)
}

async function contentsOf (entries: TarEntry[] | Buffer, name = 'x.tar'): Promise<Record<string, string>> {
  using bench = startFetchBench()
  await bench.fetch([archive(bench, Array.isArray(entries) ? tarOf(entries) : entries, name)])
  const { [name]: kept, ...others } = bench.contents()
  assert.ok(kept !== undefined, 'the archive stays')
  return others
}

const some: TarEntry[] = [{ name: './', type: '5' }, { name: 'd/', type: '5', mode: 0o750 }, { name: 'd/a', body: 'A' }, { name: 'b/c', body: 'C' }]
const unfolded = { 'd': '/', 'd/a': 'A', 'b': '/', 'b/c': 'C' }

for (const [name, bytes] of [
  ['x.tar', tarOf(some)], ['x.tgz', gzipSync(tarOf(some))], ['x.tar.gz', gzipSync(tarOf(some))], ['plain.tgz', tarOf(some)],
  ['members.tgz', Buffer.concat([gzipSync(tarOf(some).subarray(0, 700)), gzipSync(tarOf(some).subarray(700))])],
] as const) {
  test(`${name} is extracted, and stays beside`, async () => {
    using bench = startFetchBench()
    await bench.fetch([archive(bench, bytes, name)])
    assert.deepEqual(bench.contents(), { [name]: bytes.toString('latin1'), ...unfolded })
  })
}

test('an archive that is not to be extracted is not', async () => {
  using bench = startFetchBench()
  const path = archive(bench, tarOf(some))
  await bench.fetch([{ value: path, extract: false }, { value: path, executable: true, outputFile: 'y.tar' }])
  assert.deepEqual(Object.keys(bench.contents()).sort(), ['x.tar', 'y.tar'])
})

test('what GNU tar packs comes out as it was', async () => {
  using bench = startFetchBench()
  const from = mkdtempSync(join(tmpdir(), 'slipway-test-tar-'))
  try {
    const long = 'sehr langer name '.repeat(12)
    mkdirSync(join(from, 'ä/deep'), { recursive: true })
    writeFileSync(join(from, 'ä', long), 'long')
    writeFileSync(join(from, 'ä/deep/run.sh'), 'run', { mode: 0o755 })
    symlinkSync('../deep/run.sh', join(from, 'ä/deep/link'))
    for (const format of ['gnu', 'pax']) {
      execFileSync('tar', ['-czf', join(bench.outside, `${format}.tgz`), `--format=${format}`, '-C', from, '.'])
      await bench.fetch([{ value: join(bench.outside, `${format}.tgz`), outputFile: `${format}.tgz` }])
      const { [`${format}.tgz`]: _archive, ...others } = bench.contents()
      assert.deepEqual(others, treeOf(from), format)
      assert.equal(statSync(join(bench.sandbox, 'ä/deep/run.sh')).mode & 0o7777, 0o755)
      assert.equal(secondOf(join(bench.sandbox, 'ä', long)), secondOf(join(from, 'ä', long)))
      for (const name of Object.keys(bench.contents())) rmSync(join(bench.sandbox, name), { recursive: true, force: true })
    }
  } finally {
    rmSync(from, { recursive: true })
  }
})

test('setuid, setgid and sticky bits are dropped, and a folder stays passable', async () => {
  using bench = startFetchBench()
  await bench.fetch([archive(bench, tarOf([{ name: 'su', mode: 0o6755, body: '' }, { name: 'd', type: '5', mode: 0o3000 }, { name: 'd/a', body: 'A' }]))])
  assert.equal(statSync(join(bench.sandbox, 'su')).mode & 0o7777, 0o755)
  assert.equal(statSync(join(bench.sandbox, 'd')).mode & 0o7777, 0o700)
})

test('links within the archive are made', async () => {
  const contents = await contentsOf([
    { name: 'd/file', body: 'F' }, { name: 'up', type: '2', link: './d/../d/file' }, { name: 'd/around', type: '2', link: '../d' },
    { name: 'hard', type: '1', link: './d/file' }, { name: 'again', type: '1', link: 'up' }, { name: 'later', type: '2', link: 'not/yet' },
  ])
  assert.deepEqual(contents, {
    'd': '/', 'd/file': 'F', 'd/around': '-> ../d', 'up': '-> ./d/../d/file', 'hard': 'F', 'again': '-> ./d/../d/file', 'later': '-> not/yet',
  })
})

test('a later entry takes the place of an earlier one, and does not write through a hard link', async () => {
  const contents = await contentsOf([
    { name: 'a', body: 'old' }, { name: 'b', type: '1', link: 'a' }, { name: 'a', body: 'new' },
    { name: 'c', type: '2', link: 'b' }, { name: 'c', body: 'file' }, { name: 'd', body: 'file' }, { name: 'd', type: '2', link: 'b' },
    { name: 'x.tar', body: 'own' },
  ])
  assert.deepEqual(contents, { a: 'new', b: 'old', c: 'file', d: '-> b' })
})

const outward = /leads out of the sandbox/
for (const [what, entries, said] of [
  ['a name with ..', [{ name: '../victim', body: 'x' }], outward],
  ['.. further in', [{ name: 'a/../../victim', body: 'x' }], outward],
  ['.. as its end', [{ name: 'a/..', type: '5' }], outward],
  ['an absolute name', [{ name: '/tmp/slipway-victim', body: 'x' }], /is absolute/],
  ['the log file', [{ name: 'stdout', body: 'x' }], /"stdout" is reserved/],
  ['the log file, dotted', [{ name: './/stderr', body: 'x' }], /is reserved/],
  ['a link over the log file', [{ name: 'stdout', type: '2', link: 'a' }], /is reserved/],
  ['a name of ours', [{ name: '.slipway-fetch-1', body: 'x' }], /is reserved/],
  ['an absolute link', [{ name: 'l', type: '2', link: '/etc/passwd' }], outward],
  ['a link upwards', [{ name: 'l', type: '2', link: '../victim' }], outward],
  ['a link upwards from a folder', [{ name: 'd/l', type: '2', link: '../../victim' }], outward],
  ['a link that goes deep and then up', [{ name: 'a/b/l', type: '2', link: '../..' }, { name: 'm', type: '2', link: 'a/b/l/../victim' }], outward],
  ['a link through missing folders', [{ name: 'l', type: '2', link: 'no/such/../../../victim' }], outward],
  ['links in a circle', [{ name: 'l', type: '2', link: 'm' }, { name: 'm', type: '2', link: 'l' }], outward],
  ['a file through a link', [{ name: 'l', type: '2', link: '..' }, { name: 'l/victim', body: 'x' }], /is a link, and a folder as well/],
  ['a file through an inward link', [{ name: 'd/a' }, { name: 'l', type: '2', link: 'd' }, { name: 'l/b', body: 'x' }], /is a link, and a folder/],
  ['a link below a link', [{ name: 'l', type: '2', link: '.' }, { name: 'l/m', type: '2', link: '../victim' }], /is a link, and a folder/],
  ['a hard link outside', [{ name: 'h', type: '1', link: '../victim' }], /is no file of the archive/],
  ['an absolute hard link', [{ name: 'h', type: '1', link: '/etc/passwd' }], /is no file of the archive/],
  ['a hard link through a link', [{ name: 'l', type: '2', link: '..' }, { name: 'h', type: '1', link: 'l/victim' }], /is no file of the archive/],
  ['a hard link to an outward link', [{ name: 'l', type: '2', link: '../victim' }, { name: 'h', type: '1', link: 'l' }], outward],
  ['a hard link to a folder', [{ name: 'd', type: '5' }, { name: 'h', type: '1', link: 'd' }], /is no file of the archive/],
  ['a hard link to nothing', [{ name: 'h', type: '1', link: 'nothing' }], /is no file of the archive/],
  ['a character device', [{ name: 'null', type: '3' }], /is of the type CharacterDevice/],
  ['a block device', [{ name: 'sda', type: '4' }], /is of the type BlockDevice/],
  ['a fifo', [{ name: 'pipe', type: '6' }], /is of the type FIFO/],
  ['a sparse file', [{ name: 'sparse', type: 'S' }], /is of the type SparseFile/],
  ['a file that is a folder as well', [{ name: 'a', body: 'x' }, { name: 'a/b', body: 'x' }], /is a file, and a folder/],
  ['a folder that is a file as well', [{ name: 'a/b', body: 'x' }, { name: 'a', body: 'x' }], /is a folder, and a file/],
  ['a file in place of its own folder', [{ name: '.', body: 'x' }], /has no name/],
] as ReadonlyArray<[string, TarEntry[], RegExp]>) {
  test(`an archive with ${what} is refused whole`, async () => {
    using bench = startFetchBench()
    for (const bytes of [tarOf([{ name: 'first', body: 'x' }, ...entries, { name: 'last', body: 'x' }]), tarOf(entries)]) {
      const message = await bench.refused('FETCH_FAILED', [archive(bench, bytes)])
      assert.match(message, said)
      assert.match(message, /x\.tar: cannot be extracted: its entry "/)
    }
  })
}

test('names in pax headers are looked at as well', async () => {
  using bench = startFetchBench()
  const withPax = (fields: Record<string, string>, entry: TarEntry): Buffer => Buffer.concat([paxEntry(fields), tarEntry(entry), Buffer.alloc(1024)])
  assert.match(await bench.refused('FETCH_FAILED', [archive(bench, withPax({ path: '../victim' }, { name: 'a', body: 'x' }))]), outward)
  assert.match(await bench.refused('FETCH_FAILED', [archive(bench, withPax({ linkpath: '../victim' }, { name: 'a', type: '2', link: 'b' }))]), outward)
  const deep = `${'d/'.repeat(3_000)}a`
  assert.match(await bench.refused('FETCH_FAILED', [archive(bench, withPax({ path: deep }, { name: 'a' }))]), /is too long/)
  assert.match(await bench.refused('FETCH_FAILED', [archive(bench, withPax({ path: 'n'.repeat(300) }, { name: 'a' }))]), /ENAMETOOLONG/)
})

const compressed = gzipSync(Buffer.concat([tarOf(some), Buffer.from(Array.from({ length: 5_000 }, (_none, index) => (index * 7919) % 256))]))
for (const [what, bytes, name] of [
  ['nothing', Buffer.alloc(0), 'x.tar'],
  ['text', Buffer.from('no archive at all'.repeat(100)), 'x.tar'],
  ['a page in place of a tgz', Buffer.from('<html>404</html>'), 'x.tgz'],
  ['half an entry', tarEntry({ name: 'a', body: 'x'.repeat(5_000) }).subarray(0, 3_000), 'x.tar'],
  ['a size that is too large', tarEntry({ name: 'a', body: 'x', size: 1e9 }), 'x.tar'],
  ['half a gzip', gzipSync(tarOf(some)).subarray(0, 100), 'x.tgz'],
  ['gzip with a wrong byte', Buffer.from(compressed.map((byte, index) => index === 60 ? byte ^ 0xff : byte)), 'x.tgz'],
  ['gzip in gzip', gzipSync(gzipSync(tarOf(some))), 'x.tgz'],
  ['zstd', Buffer.from('28b52ffd2458010000', 'hex'), 'x.tar'],
  ['a wrong checksum', Buffer.concat([tarEntry({ name: 'a' }).fill('b', 0, 1), Buffer.alloc(1024)]), 'x.tar'],
] as const) {
  test(`an archive that is ${what} is refused`, async () => {
    using bench = startFetchBench()
    assert.match(await bench.refused('FETCH_FAILED', [archive(bench, bytes, name)]), /cannot be extracted: \S/)
  })
}

test('what comes after the end of an archive is left alone', async () => {
  const bytes = gzipSync(Buffer.concat([tarOf([{ name: 'a', body: 'A' }]), Buffer.alloc(200e6)]))
  const before = process.memoryUsage().rss
  assert.deepEqual(await contentsOf(bytes, 'x.tgz'), { a: 'A' })
  assert.ok(process.memoryUsage().rss - before < 100e6)
})

for (const [what, entries, limits, said] of [
  ['many bytes', [{ name: 'zeros', body: Buffer.alloc(5e6) }], { bytes: 1e6 }, /unfolds to more than 1 MB \(--fetch-archive-bytes\)/],
  ['one large file', [{ name: 'zeros', body: Buffer.alloc(5e6) }], { fileBytes: 1e6 }, /"zeros" is larger than 1 MB \(--fetch-archive-file-bytes\)/],
  ['hot air', [{ name: 'zeros', body: Buffer.alloc(110e6) }], { ratio: 10 }, /unfolds to more than 10 times its size \(--fetch-archive-ratio\)/],
  ['many entries', Array.from({ length: 11 }, (_none, index) => ({ name: `f${index}` })), { entries: 10 }, /more than 10 entries \(--fetch-archive-entries\)/],
  ['many folders', [{ name: `${'d/'.repeat(11)}f` }], { entries: 10 }, /more than 10 entries/],
  ['deep folders', [{ name: `${'d/'.repeat(11)}f` }], { depth: 11 }, /is more than 11 names deep \(--fetch-archive-depth\)/],
  ['one folder many times', Array.from({ length: 11 }, () => ({ name: 'd', type: '5' })), { entries: 10 }, /more than 10 entries/],
  ['many links', Array.from({ length: 11 }, () => ({ name: 'l', type: '2', link: 'x' })), { entries: 10 }, /more than 10 entries/],
] as const) {
  test(`an archive of ${what} ends at the limit`, async () => {
    using bench = startFetchBench()
    const path = archive(bench, gzipSync(tarOf(entries)), 'x.tgz')
    const into = (given: Partial<ArchiveLimits>): Promise<string[]> => {
      const root = mkdtempSync(join(bench.outside, 'into-'))
      return extract({ path, format: 'tar', limits: { ...archiveDefaults, ...given }, name: 'x.tgz' }, root, never)
    }
    await assert.rejects(into(limits), { code: 'FETCH_FAILED', message: said })
    await into({ entries: 11 + 1, bytes: 111e6, fileBytes: 110e6, ratio: 1100, depth: 12 })
  })
}

test('several archives come together, later ones over earlier ones', async () => {
  using bench = startFetchBench()
  const one = archive(bench, tarOf([{ name: 'd/a', body: '1' }, { name: 'README', body: '1' }, { name: 'c.txt', body: 'c of one' }]), 'one.tar')
  const two = archive(bench, tarOf([{ name: 'd/b', body: '2' }, { name: 'README', body: '2' }]), 'two.tar')
  const file = archive(bench, Buffer.from('c itself'), 'c.txt')
  await bench.fetch([one, two, file])
  const { 'one.tar': _one, 'two.tar': _two, ...others } = bench.contents()
  assert.deepEqual(others, { 'd': '/', 'd/a': '1', 'd/b': '2', 'README': '2', 'c.txt': 'c itself' })
})

test('archives that are harmless alone cannot lead out together', async () => {
  using bench = startFetchBench()
  const one = archive(bench, tarOf([{ name: 'x', type: '2', link: 'd/e/../victim' }]), 'one.tar')
  const two = archive(bench, tarOf([{ name: 'd/e', type: '2', link: '..' }]), 'two.tar')
  await bench.fetch([{ value: one, outputFile: 'alone.tar' }])
  assert.match(await bench.refused('FETCH_FAILED', [two, one]), outward)
  const link = archive(bench, tarOf([{ name: 'd', type: '2', link: 'elsewhere' }]), 'link.tar')
  const below = archive(bench, tarOf([{ name: 'd/a', body: 'x' }]), 'below.tar')
  assert.match(await bench.refused('FETCH_FAILED', [link, below]), /would be a file, and a folder/)
  assert.match(await bench.refused('FETCH_FAILED', [below, link]), /would be a file, and a folder/)
})
