import assert from 'node:assert/strict'
import {
  existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { LogRecord } from '../../../../src/model/log-record.ts'
import type { KnownFile } from '../../../../src/pool/jobs.ts'
import { SandboxLogs, type SandboxLogsOptions } from '../../../../workers/logs/sandbox-logs.ts'

interface Place extends SandboxLogsOptions { readonly sandbox: string, readonly rotated: LogRecord[] }

function makePlace (t: TestContext, { maxBytes = 10, maxFiles = 3 } = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-logs-'))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  const sandbox = join(folder, 'run')
  mkdirSync(sandbox)
  const made = (name: string): KnownFile => {
    const path = join(sandbox, name)
    writeFileSync(path, '')
    const { dev: device, ino: inode } = statSync(path)
    return { path, device, inode }
  }
  const rotated: LogRecord[] = []
  const onRotated = (record: LogRecord): void => { rotated.push(record) }
  return { sandbox, rotated, stdout: made('stdout'), stderr: made('stderr'), record: join(folder, 'record'), rotation: { maxBytes, maxFiles }, onRotated }
}

const read = ({ sandbox }: Place, name: string): string => readFileSync(join(sandbox, name), 'utf8')
const spare = ({ record }: Place): string => `${record}.stdout`

function write (place: Place, ...pieces: string[]): void {
  using logs = new SandboxLogs(place)
  for (const piece of pieces) logs.append(1, Buffer.from(piece))
}

function position (place: Place): number {
  using logs = new SandboxLogs(place)
  return logs.position(1)
}

test('a log that never rotates, and has no gap, leaves nothing to remember', t => {
  const place = makePlace(t, { maxBytes: 0 })
  write(place, 'x'.repeat(100_000))
  write(place, 'more')
  assert.equal(position(place), 100_004)
  assert.equal(existsSync(place.record), false)
})

test('a log is rotated before it is too long, the oldest file goes, and its bytes stay counted', t => {
  const place = makePlace(t)
  write(place, '11111', '1111', '2222222', '333', '4444444444444', '5')
  assert.deepEqual(readdirSync(place.sandbox).sort(), ['stderr', 'stdout', 'stdout.1', 'stdout.2'])
  assert.deepEqual(['stdout.2', 'stdout.1', 'stdout'].map(name => read(place, name)), ['2222222333', '4444444444444', '5'])
  assert.equal(position(place), 33)
  assert.deepEqual(place.rotated.map(({ stdout }) => [stdout.start, stdout.older.length]), [[9, 1], [19, 2], [32, 2]])
})

test('with one file to keep, nothing stands beside it', t => {
  const place = makePlace(t, { maxFiles: 1 })
  write(place, '111111', '222222')
  assert.deepEqual(readdirSync(place.sandbox).sort(), ['stderr', 'stdout'])
  assert.equal(read(place, 'stdout'), '222222')
  assert.equal(position(place), 12)
})

test('a rotation that a crash broke off before the new file was in its place is completed', t => {
  const place = makePlace(t)
  write(place, '111111', '222222')
  renameSync(join(place.sandbox, 'stdout'), spare(place))
  renameSync(join(place.sandbox, 'stdout.1'), join(place.sandbox, 'stdout'))
  write(place, '33')
  assert.deepEqual(['stdout.1', 'stdout'].map(name => read(place, name)), ['111111', '22222233'])
  assert.equal(position(place), 14)
})

test('one that was broken off between its renames, too', t => {
  const place = makePlace(t)
  write(place, '111111', '222222')
  renameSync(join(place.sandbox, 'stdout'), spare(place))
  write(place, '33')
  assert.deepEqual(['stdout.1', 'stdout'].map(name => read(place, name)), ['111111', '22222233'])
})

test('one that was broken off before it was remembered is begun anew', t => {
  const place = makePlace(t)
  write(place, '111111')
  writeFileSync(spare(place), 'left')
  write(place, '222222')
  assert.deepEqual(['stdout.1', 'stdout'].map(name => read(place, name)), ['111111', '222222'])
})

const unknown = { anchor: undefined, engine: undefined }

test('a line of ours is not taken for output, whole or half written', t => {
  const place = makePlace(t, { maxBytes: 0 })
  write(place, 'before')
  {
    using logs = new SandboxLogs(place)
    logs.mark('something is missing', unknown)
    assert.equal(logs.position(1), 6)
    assert.equal(logs.position(2), 0)
  }
  assert.match(read(place, 'stdout'), /^before\n\[slipway\] \S+ something is missing\n$/)
  truncateSync(join(place.sandbox, 'stdout'), 10)           // as a crash in the middle of it would have left it
  assert.equal(position(place), 6)
  {
    using logs = new SandboxLogs(place)
    logs.mark('again', unknown)
    logs.append(1, Buffer.from('after'))
    assert.equal(logs.position(1), 11)
  }
  assert.equal(position(place), 11)
})

test('a line of ours in a file that was rotated is not counted either', t => {
  const place = makePlace(t)
  {
    using logs = new SandboxLogs(place)
    logs.mark('gap', unknown)
    logs.append(1, Buffer.from('12345678'))
    logs.append(1, Buffer.from('9'))
  }
  assert.equal(position(place), 9)
})

const traps: ReadonlyArray<readonly [string, (sandbox: string, victim: string) => void]> = [
  ['a link', (sandbox, victim) => { symlinkSync(victim, join(sandbox, 'stdout.1')) }],
  ['a folder', sandbox => { mkdirSync(join(sandbox, 'stdout.1', 'full'), { recursive: true }) }],
]

for (const [name, set] of traps) {
  test(`${name} where a rotated file goes gains nothing`, t => {
    const place = makePlace(t)
    const victim = join(place.sandbox, '..', 'victim')
    writeFileSync(victim, 'mine')
    set(place.sandbox, victim)
    write(place, '111111', '222222', '333333')
    assert.equal(readFileSync(victim, 'utf8'), 'mine')
    assert.equal(read(place, 'stdout'), '333333')
    assert.equal(position(place), 18)
  })
}

test('a link that the container puts in the place of its log is moved away by a rotation, never followed', t => {
  const place = makePlace(t)
  const victim = join(place.sandbox, '..', 'victim')
  writeFileSync(victim, 'mine')
  using logs = new SandboxLogs(place)
  logs.append(1, Buffer.from('111111'))
  rmSync(join(place.sandbox, 'stdout'))
  symlinkSync(victim, join(place.sandbox, 'stdout'))
  logs.append(1, Buffer.from('222222'))
  assert.equal(readFileSync(victim, 'utf8'), 'mine')
  assert.equal(lstatSync(join(place.sandbox, 'stdout')).isFile(), true)
  assert.equal(read(place, 'stdout'), '222222')
})

test('a folder in the place of the log keeps it from being seen, and nothing else', t => {
  const place = makePlace(t)
  using logs = new SandboxLogs(place)
  logs.append(1, Buffer.from('111111'))
  rmSync(join(place.sandbox, 'stdout'))
  mkdirSync(join(place.sandbox, 'stdout', 'full'), { recursive: true })
  logs.append(1, Buffer.from('222222'))
  logs.append(1, Buffer.from('333333'))
  assert.equal(logs.position(1), 18)
})

test('when a pipe is laid again, another file in the place of the log is refused', t => {
  const place = makePlace(t)
  write(place, '111111', '222222')
  renameSync(join(place.sandbox, 'stdout'), join(place.sandbox, 'kept'))
  writeFileSync(join(place.sandbox, 'stdout'), 'forged')
  assert.throws(() => new SandboxLogs(place), { code: 'SANDBOX_FAILED', message: /another file has taken its place/ })
})

test('a record that is damaged is as none: the files that were made are taken, or nothing', t => {
  const place = makePlace(t, { maxBytes: 0 })
  write(place, 'abc')
  writeFileSync(place.record, '{"version":1,"stdout":')
  assert.equal(position(place), 3)
})
