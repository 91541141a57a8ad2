import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { engineRun } from '../../../src/engine/engine-run.ts'

function place (t: TestContext): { socket: string, pidFile: string } {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-run-'))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  return { socket: join(folder, 'docker.sock'), pidFile: join(folder, 'docker.pid') }
}

test('without a socket there is no run', t => {
  assert.equal(engineRun(place(t).socket), undefined)
})

test('a socket that is made anew is another run; one whose mode is changed is the same', t => {
  const { socket } = place(t)
  writeFileSync(socket, '')
  const first = engineRun(socket)
  chmodSync(socket, 0o600)
  assert.deepEqual(engineRun(socket), first)
  assert.equal(first?.isSure, false)
  rmSync(socket)
  writeFileSync(socket, '')
  utimesSync(socket, 5, 5)
  assert.notEqual(engineRun(socket)?.id, first.id)
  assert.equal(engineRun(socket)?.beganAtMs, 5_000)
})

test('the file with the pid of the engine tells each start of it, whoever keeps the socket', t => {
  const { socket, pidFile } = place(t)
  writeFileSync(socket, '')
  writeFileSync(pidFile, `${process.pid}\n`)
  utimesSync(pidFile, 7, 7)
  const first = engineRun(socket)
  assert.deepEqual([first?.beganAtMs, first?.isSure], [7_000, true])
  utimesSync(socket, 9, 9)
  assert.deepEqual(engineRun(socket), first)
  utimesSync(pidFile, 8, 8)
  assert.notEqual(engineRun(socket)?.id, first?.id)
})

test('a file with the pid of nobody, or none, tells nothing', t => {
  const { socket, pidFile } = place(t)
  writeFileSync(socket, '')
  for (const text of ['', 'none', '0', '-1', `${2 ** 22 + 1}`]) {
    writeFileSync(pidFile, text)
    assert.equal(engineRun(socket)?.isSure, false, text)
  }
})

test('a file with the pid that can no longer be read tells nothing, and the socket does', t => {
  const { socket, pidFile } = place(t)
  writeFileSync(socket, '')
  symlinkSync('/proc/self/mem', pidFile)
  assert.equal(engineRun(socket)?.isSure, false)
})
