import assert from 'node:assert/strict'
import { chmodSync, linkSync, statSync, writeFileSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { mayLink } from '../../../../src/containerizer/fetch-cache/may-link.ts'
import { tarOf } from '../../../support/tar.ts'
import { startFetchBench, type FetchBench } from './fetch-bench.ts'

/** A file as the cache has it. */
function cachedFile (bench: FetchBench, content: string | Uint8Array): { path: string, bytes: number } {
  const path = join(bench.outside, 'content')
  writeFileSync(path, content)
  chmodSync(path, 0o644)
  return { path, bytes: content.length }
}

function inSandbox (bench: FetchBench, name: string): Stats {
  return statSync(join(bench.sandbox, name))
}

test('a cached file is copied, and the source is not asked', async () => {
  using bench = startFetchBench()
  const file = cachedFile(bench, 'cached')
  const fetched = await bench.fetch(['http://127.0.0.1:1/a.txt', { value: join(bench.outside, 'victim') }], { cached: [{ ...file, mayLink: false }] })
  assert.deepEqual(fetched, { bytes: 8, cachedBytes: 6 })
  assert.deepEqual(bench.contents(), { 'a.txt': 'cached', 'victim': 'unharmed' })
  assert.notEqual(inSandbox(bench, 'a.txt').ino, statSync(file.path).ino)
})

test('where it may be, it is a link; its owner and mode stay as they are', async () => {
  using bench = startFetchBench()
  const file = cachedFile(bench, 'cached')
  const before = statSync(file.path)
  await bench.fetch([{ value: 'http://127.0.0.1:1/a.txt', outputFile: 'sub/ä b.txt' }], { cached: [{ ...file, mayLink: true }], owner: { uid: 1234, gid: 1234 } })
  const { ino, uid, mode } = inSandbox(bench, 'sub/ä b.txt')
  if (canLink(bench)) assert.deepEqual({ ino, uid, mode }, { ino: before.ino, uid: before.uid, mode: before.mode })
  assert.equal(statSync(file.path).uid, before.uid)
})

test('one that is to be executable is a copy of its own, since the mode belongs to the file', async () => {
  using bench = startFetchBench()
  const file = cachedFile(bench, 'cached')
  await bench.fetch([{ value: 'http://127.0.0.1:1/run', executable: true }], { cached: [{ ...file, mayLink: true }] })
  assert.equal(inSandbox(bench, 'run').mode & 0o777, 0o755)
  assert.notEqual(inSandbox(bench, 'run').ino, statSync(file.path).ino)
  assert.equal(statSync(file.path).mode & 0o777, 0o644)
})

test('an archive that is cached is extracted from there, and is not brought itself', async () => {
  using bench = startFetchBench()
  const file = cachedFile(bench, tarOf([{ name: 'd/a', body: 'A' }]))
  await bench.fetch(['http://127.0.0.1:1/x.tar'], { cached: [{ ...file, mayLink: false }] })
  assert.deepEqual(bench.contents(), { 'd': '/', 'd/a': 'A' })
  await bench.fetch([{ value: 'http://127.0.0.1:1/x.tar', extract: false }], { cached: [{ ...file, mayLink: false }] })
  assert.ok(bench.contents()['x.tar'])
})

const unable = { user: '1000', engineFields: { config: {}, host: { SecurityOpt: ['no-new-privileges'] } } }
for (const [what, spec, isSafe] of [
  ['a user that cannot become root', unable, true],
  ['its group too', { ...unable, user: '1000:1000' }, true],
  ['a user of the image\'s choice', { ...unable, user: undefined }, false],
  ['a name, which may be any number there', { ...unable, user: 'nobody' }, false],
  ['root', { ...unable, user: '0' }, false],
  ['root by another spelling', { ...unable, user: '000:1000' }, false],
  ['a user that may become root', { user: '1000' }, false],
  ['a privileged container', { ...unable, privileged: true }, false],
  ['one with more capabilities', { ...unable, engineFields: { config: {}, host: { ...unable.engineFields.host, CapAdd: ['DAC_OVERRIDE'] } } }, false],
  ['the agent\'s own user', { ...unable, user: String(process.getuid?.()) }, false],
] as const) {
  test(`a task of ${what} ${isSafe ? 'may' : 'may not'} hold a link to a cached file`, () => {
    assert.equal(mayLink(spec, 'safe'), isSafe)
    assert.equal(mayLink(spec, 'never'), false)
    assert.equal(mayLink(spec, 'always'), true)
  })
}

function canLink (bench: FetchBench): boolean {
  try {
    linkSync(join(bench.outside, 'victim'), join(bench.sandbox, 'link'))
    return true
  } catch {
    return false
  }
}
