import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openBeneath } from '../../../../src/operator/files/open-beneath.ts'
import { sandboxIn } from './sandboxes.ts'

/** What is found at the end of the way: a file's text, 'folder', 'other', or undefined. */
async function lookAt (root: string, way: string): Promise<string | undefined> {
  await using found = await openBeneath(root, way)
  if (found === undefined) return undefined
  if (found.stat.isDirectory()) return 'folder'
  return found.stat.isFile() ? readFileSync(found.path, 'utf8') : 'other'
}

const openFiles = (): number => readdirSync('/proc/self/fd').length

function filled (t: TestContext): { path: string, outside: string } {
  const { path, outside } = sandboxIn(t)
  mkdirSync(join(path, 'dir/sub'), { recursive: true })
  writeFileSync(join(path, 'top'), 'top')
  writeFileSync(join(path, 'dir/file'), 'inside')
  writeFileSync(join(outside, 'file'), 'secret')
  const links = {
    'to-dir': 'dir', 'to-file': 'dir/file', 'dir/up': '../top', 'dir/sub/twice': '../../to-dir/file', chain: 'to-file',
    out: outside, 'out-file': join(outside, 'file'), 'out-relative': '../../../../../../../../../outside/file', 'dir/root': '/',
    self: 'self', nowhere: 'none', above: '..',
  }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(path, name))
  execFileSync('mkfifo', [join(path, 'fifo')])
  return { path, outside }
}

const ways: ReadonlyArray<readonly [string, string | undefined]> = [
  ['', 'folder'], ['.', 'folder'], ['top', 'top'], ['./dir//file', 'inside'], ['dir/', 'folder'], ['dir/../top', 'top'], ['dir/sub/../../top', 'top'],
  ['to-dir/file', 'inside'], ['to-file', 'inside'], ['dir/up', 'top'], ['dir/sub/twice', 'inside'], ['chain', 'inside'],
  ['..', undefined], ['../..', undefined], ['dir/../..', undefined], ['out', undefined], ['out/file', undefined], ['out-file', undefined],
  ['out-relative', undefined], ['dir/root/etc/passwd', undefined], ['above', undefined], ['above/c1/top', undefined],
  ['self', undefined], ['nowhere', undefined],
  ['top/file', undefined], ['none', undefined], ['n'.repeat(300), undefined], ['fifo', 'other'], ['dir/'.repeat(500), undefined],
]

for (const [way, expected] of ways) {
  test(`'${way.slice(0, 40)}' leads to ${expected ?? 'nothing'}, at once, and leaves nothing open`, { timeout: 5_000 }, async t => {
    const { path } = filled(t)
    const before = openFiles()
    assert.equal(await lookAt(path, way), expected)
    assert.equal(openFiles(), before)
  })
}

test('a folder deeper than a hundred is not gone into', async t => {
  const { path } = sandboxIn(t)
  const deep = 'd/'.repeat(99)
  mkdirSync(join(path, deep, 'd/d'), { recursive: true })
  assert.equal(await lookAt(path, deep), 'folder')
  assert.equal(await lookAt(path, `${deep}d/d`), undefined)
})

test('a device is held, not opened', { skip: !existsSync('/dev/null') && 'there is no /dev' }, async () => {
  await using found = await openBeneath('/dev', 'null')
  assert.equal(found?.stat.isCharacterDevice(), true)
})

test('a folder that is swapped for a link to the outside, again and again, never shows the outside', { timeout: 30_000 }, async t => {
  const { path, outside } = filled(t)
  const [dir, aside, link] = [join(path, 'dir'), join(path, 'aside'), join(path, 'link')]
  let isOver = false
  const swapping = (async () => {
    for (let round = 0; !isOver; round++) {
      renameSync(dir, aside)
      symlinkSync(round % 2 === 0 ? outside : '../../../../../../../outside', link)
      renameSync(link, dir)
      await new Promise(setImmediate)
      rmSync(dir)
      renameSync(aside, dir)
      await new Promise(setImmediate)
    }
  })()
  const seen = new Set<string | undefined>()
  for (let look = 0; look < 3_000; look++) seen.add(await lookAt(path, 'dir/file'))
  isOver = true
  await swapping
  assert.deepEqual([...seen].sort(), ['inside', undefined], 'both sides of the swap were met')
})

test('what was found stays what it is, whatever takes its name', async t => {
  const { path, outside } = filled(t)
  await using found = await openBeneath(path, 'dir/file')
  rmSync(join(path, 'dir/file'))
  symlinkSync(join(outside, 'file'), join(path, 'dir/file'))
  assert.equal(readFileSync(found?.path ?? '', 'utf8'), 'inside')
})
