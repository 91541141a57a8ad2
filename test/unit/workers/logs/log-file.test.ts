import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openLogFile } from '../../../../workers/logs/log-file.ts'
import type { KnownFile } from '../../../../src/pool/jobs.ts'

function folderOf (t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-log-'))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

function known (path: string): KnownFile {
  const { dev: device, ino: inode } = statSync(path)
  return { path, device, inode }
}

const openFiles = (): number => readdirSync('/proc/self/fd').length

test('bytes are added at the end, and counted', t => {
  const path = join(folderOf(t), 'stdout')
  writeFileSync(path, 'before ')
  using file = openLogFile(known(path))
  file.append(Buffer.from('one '))
  file.append(Buffer.alloc(0))
  file.append(Buffer.from('two'))
  assert.equal(file.size, 14)
  assert.equal(readFileSync(path, 'utf8'), 'before one two')
})

test('its end can be read, while it is that file and as far as it goes', t => {
  const path = join(folderOf(t), 'stdout')
  writeFileSync(path, 'before ')
  using file = openLogFile(known(path))
  file.append(Buffer.from('one'))
  assert.equal(file.tail(5)?.toString(), 'e one')
  assert.equal(file.tail(10)?.toString(), 'before one')
  assert.equal(file.tail(11), undefined)
  renameSync(path, `${path}.away`)
  writeFileSync(path, 'another one')
  assert.equal(file.tail(5), undefined)
})

test('a file that is not there is not made', t => {
  const folder = folderOf(t)
  assert.throws(() => openLogFile({ path: join(folder, 'stdout'), device: 0, inode: 0 }), { code: 'SANDBOX_FAILED' })
  assert.deepEqual(readdirSync(folder), [])
})

test('a link in the place of the file is not followed', t => {
  const folder = folderOf(t)
  const victim = join(folder, 'victim')
  writeFileSync(victim, 'mine')
  symlinkSync(victim, join(folder, 'stdout'))
  assert.throws(() => openLogFile({ path: join(folder, 'stdout'), device: 0, inode: 0 }), { code: 'SANDBOX_FAILED', message: /ELOOP/ })
  assert.equal(readFileSync(victim, 'utf8'), 'mine')
})

test('what takes the file\'s place later gets nothing: the file is held', t => {
  const folder = folderOf(t)
  const path = join(folder, 'stdout')
  writeFileSync(path, '')
  using file = openLogFile(known(path))
  renameSync(path, join(folder, 'moved'))
  writeFileSync(path, '')
  file.append(Buffer.from('secret'))
  assert.equal(statSync(path).size, 0)
  assert.equal(readFileSync(join(folder, 'moved'), 'utf8'), 'secret')
})

const others: Array<[what: string, make: (path: string) => void]> = [
  ['a fifo', path => { execFileSync('mkfifo', [path]) }],
  ['another file', path => { writeFileSync(path, 'mine') }],
]
for (const [what, make] of others) {
  test(`${what} in the place of the file is refused at once, and nothing is written to it`, t => {
    const path = join(folderOf(t), 'stdout')
    writeFileSync(path, '')
    const file = known(path)
    renameSync(path, `${path}.old`)
    make(path)
    const before = openFiles()
    assert.throws(() => openLogFile(file), { code: 'SANDBOX_FAILED' })
    assert.equal(openFiles(), before)
  })
}

test('disposing closes the file', t => {
  const path = join(folderOf(t), 'stdout')
  writeFileSync(path, '')
  const before = openFiles()
  openLogFile(known(path))[Symbol.dispose]()
  assert.equal(openFiles(), before)
})

test('a device is refused, whatever its number', () => {
  assert.throws(() => openLogFile(known('/dev/full')), { code: 'SANDBOX_FAILED', message: /another file has taken its place/ })
})

const needsRoot = { skip: process.getuid?.() !== 0 && 'it takes root to mount a small disk' }

test('a write that takes a part is gone on with, up to the last byte of the disk', needsRoot, t => {
  const disk = join(folderOf(t), 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk])
  try {
    const path = join(disk, 'stdout')
    writeFileSync(path, '')
    using file = openLogFile(known(path))
    file.append(Buffer.alloc(40_000, 'a'))
    assert.throws(() => { file.append(Buffer.alloc(40_000, 'b')) }, { code: 'DISK_FULL' })
    assert.equal(statSync(path).size, 65_536, 'the part that fitted was written, then the rest was tried')
  } finally {
    execFileSync('umount', ['-l', disk])
  }
})
