import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { LogFile } from '../../../src/containerizer/sandbox.ts'
import { offsetOfLastLines, tail, type TailOptions } from '../../../src/operator/log-tail.ts'

function logOf (t: TestContext, text: string): LogFile {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-tail-'))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  const path = join(folder, 'stdout')
  writeFileSync(path, text)
  const { dev: device, ino: inode } = statSync(path)
  return { path, device, inode, start: 0, older: [] }
}

const options = (more: Partial<TailOptions> = {}): TailOptions =>
  ({ offset: 0, follow: false, isComplete: () => true, signal: new AbortController().signal, ...more })

async function textOf (file: LogFile, more: Partial<TailOptions> = {}): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of tail(() => file, options(more))) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const isOpen = ({ path }: LogFile): boolean => readdirSync('/proc/self/fd').some(fd => {
  try { return readlinkSync(`/proc/self/fd/${fd}`) === path } catch { return false }
})

test('a file is told from its offset to its end, and closed', async t => {
  const file = logOf(t, 'one two')
  assert.equal(await textOf(file), 'one two')
  assert.equal(await textOf(file, { offset: 4 }), 'two')
  assert.equal(await textOf(file, { offset: 100 }), '')
  assert.equal(isOpen(file), false)
})

test('a file of many chunks comes whole', async t => {
  const text = Array.from({ length: 30_000 }, (_, i) => `line ${i}\n`).join('')
  assert.equal(await textOf(logOf(t, text)), text)
})

test('without follow it ends, also while the container runs', async t => {
  assert.equal(await textOf(logOf(t, 'so far'), { isComplete: () => false }), 'so far')
})

test('a follower hears what is added, to the last byte, and ends when the log is complete', async t => {
  const file = logOf(t, 'a')
  let isComplete = false
  const chunks = tail(() => file, options({ follow: true, isComplete: () => isComplete }))
  assert.equal(String((await chunks.next()).value), 'a')
  const next = chunks.next()
  appendFileSync(file.path, 'b')
  assert.equal(String((await next).value), 'b')
  appendFileSync(file.path, 'last')
  isComplete = true
  assert.equal(String((await chunks.next()).value), 'last')
  assert.equal((await chunks.next()).done, true)
})

test('a follower that has gone from a quiet log is let go', { timeout: 5_000 }, async t => {
  const file = logOf(t, 'a')
  const gone = new AbortController()
  const chunks = tail(() => file, options({ follow: true, isComplete: () => false, signal: gone.signal }))
  await chunks.next()
  const next = chunks.next()
  const left = chunks.return(undefined)
  gone.abort()
  await assert.rejects(next, { name: 'AbortError' })
  await left
  assert.equal(isOpen(file), false)
})

test('chunks stay what they were when the next one is read', async t => {
  const file = logOf(t, 'first')
  const chunks = tail(() => file, options({ follow: true, isComplete: () => false }))
  const first = await chunks.next()
  appendFileSync(file.path, 'other')
  await chunks.next()
  assert.equal(String(first.value), 'first')
  await chunks.return(undefined)
})

const lastLines: ReadonlyArray<readonly [string, number, string]> = [
  ['', 3, ''], ['a', 1, 'a'], ['a\n', 1, 'a\n'], ['a\nb', 1, 'b'], ['a\nb\n', 1, 'b\n'], ['a\nb\n', 2, 'a\nb\n'], ['a\nb\n', 9, 'a\nb\n'], ['a\nb\n', 0, ''],
  ['\n\n\n', 2, '\n\n'], [`${'x'.repeat(200_000)}\nlast\n`, 1, 'last\n'], [`first\n${'x'.repeat(200_000)}\n`, 1, `${'x'.repeat(200_000)}\n`],
]

for (const [text, lines, expected] of lastLines) {
  test(`the last ${lines} lines of ${JSON.stringify(text.slice(0, 12))} (${text.length} bytes) are found`, async t => {
    const file = logOf(t, text)
    assert.equal(text.slice(await offsetOfLastLines(() => file, lines)), expected)
    assert.equal(isOpen(file), false)
  })
}

test('no more than its length is told, and a follower ends there', async t => {
  assert.equal(await textOf(logOf(t, 'one two three'), { offset: 4, length: 3, follow: true, isComplete: () => false }), 'two')
})

const replacements: ReadonlyArray<readonly [string, (path: string) => void]> = [
  ['nothing', path => { unlinkSync(path) }],
  ['another file', path => { renameSync(path, `${path}.old`); writeFileSync(path, 'secret') }],
  ['a link to another file', path => { renameSync(path, `${path}.old`); symlinkSync('/etc/hostname', path) }],
  ['a link to the file itself', path => { renameSync(path, `${path}.old`); symlinkSync(`${path}.old`, path) }],
  ['a fifo that nobody writes', path => { unlinkSync(path); execFileSync('mkfifo', [path]) }],
]

for (const [name, replace] of replacements) {
  test(`${name} in the place of the file is NOT_FOUND, at once`, { timeout: 5_000 }, async t => {
    const file = logOf(t, 'mine')
    replace(file.path)
    await assert.rejects(textOf(file, { follow: true }), { code: 'NOT_FOUND', detail: { path: file.path } })
    assert.equal(isOpen(file), false)
  })
}
