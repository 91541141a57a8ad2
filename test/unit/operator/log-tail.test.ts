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

/** A log of numbered bytes that is rotated as the worker does it. */
function rotating (t: TestContext): { readonly log: () => LogFile, rotate (text: string): void } {
  let file = logOf(t, '0123')
  return {
    log: () => file,
    rotate (text) {
      const { path, device, inode, start, older } = file
      const { size } = statSync(path)
      for (let n = older.length; n > 0; n--) renameSync(`${path}.${n}`, `${path}.${n + 1}`)
      renameSync(path, `${path}.1`)
      writeFileSync(path, text)
      const { dev, ino } = statSync(path)
      file = { path, device: dev, inode: ino, start: start + size, older: [{ device, inode, start }, ...older] }
    },
  }
}

async function textOfLog (log: () => LogFile, more: Partial<TailOptions> = {}): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of tail(log, options(more))) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

test('a log is told over its rotations, from any of its bytes', async t => {
  const { log, rotate } = rotating(t)
  rotate('4567')
  rotate('89')
  for (let offset = 0; offset <= 10; offset++) assert.equal(await textOfLog(log, { offset }), '0123456789'.slice(offset))
  assert.equal(await textOfLog(log, { offset: 2, length: 5 }), '23456')
})

test('a follower goes on over rotations', async t => {
  const { log, rotate } = rotating(t)
  let isComplete = false
  const chunks = tail(log, options({ follow: true, isComplete: () => isComplete }))
  assert.equal(String((await chunks.next()).value), '0123')
  appendFileSync(log().path, 'x')
  rotate('4567')
  assert.equal(String((await chunks.next()).value), 'x')
  assert.equal(String((await chunks.next()).value), '4567')
  isComplete = true
  assert.equal((await chunks.next()).done, true)
})

test('what the container has taken away of its rotated log is left out', async t => {
  const { log, rotate } = rotating(t)
  rotate('4567')
  rotate('89')
  symlinkSync('/etc/hostname', `${log().path}.new`)
  renameSync(`${log().path}.new`, `${log().path}.1`)
  assert.equal(await textOfLog(log), '012389')
  unlinkSync(`${log().path}.2`)
  assert.equal(await textOfLog(log), '89')
})

test('a rotation that is done but not told yet is waited for', async t => {
  const { log, rotate } = rotating(t)
  const before = log()
  rotate('4567')
  let known = before
  setTimeout(() => { known = log() }, 100)
  assert.equal(await textOfLog(() => known, { offset: 0 }), '01234567')
})

test('the last lines are found over rotations', async t => {
  const { log, rotate } = rotating(t)
  appendFileSync(log().path, '\na\nb')
  rotate('b\nc\n')
  rotate('d\n')
  const whole = '0123\na\nbb\nc\nd\n'
  for (const [lines, expected] of [[0, ''], [1, 'd\n'], [2, 'c\nd\n'], [3, 'bb\nc\nd\n'], [4, 'a\nbb\nc\nd\n'], [9, whole]] as const) {
    assert.equal(whole.slice(await offsetOfLastLines(log, lines)), expected)
  }
})
