import assert from 'node:assert/strict'
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { sandboxPath } from '../../../../src/containerizer/sandbox.ts'
import { AgentError } from '../../../../src/model/errors.ts'
import { makeSandbox } from '../../../../workers/logs/make-sandbox.ts'

function placeOf (t: TestContext, containerId = 'c1'): string {
  const workDir = mkdtempSync(join(tmpdir(), 'slipway-sandbox-'))
  t.after(() => { rmSync(workDir, { recursive: true, force: true }) })
  return sandboxPath({ workDir, agentId: 'S0', frameworkId: 'f', executorId: 'e', containerId })
}

test('a sandbox is made with two empty log files, and nobody else may look in', t => {
  const path = placeOf(t)
  const { stdout, stderr } = makeSandbox(path)
  assert.deepEqual(readdirSync(path).sort(), ['stderr', 'stdout'])
  assert.equal(statSync(path).mode & 0o777, 0o750)
  for (const [name, file] of Object.entries({ stdout, stderr })) {
    const { dev, ino, size, mode } = statSync(join(path, name))
    assert.deepEqual(file, { path: join(path, name), device: dev, inode: ino })
    assert.deepEqual([size, mode & 0o777], [0, 0o644])
  }
})

test('latest points at the newest run', t => {
  const first = placeOf(t)
  const second = join(dirname(first), 'c2')
  makeSandbox(first)
  assert.equal(readlinkSync(join(dirname(first), 'latest')), first)
  makeSandbox(second)
  assert.equal(readlinkSync(join(dirname(first), 'latest')), second)
  assert.deepEqual(readdirSync(dirname(first)).sort(), ['c1', 'c2', 'latest'])
})

test('a sandbox that is there already is left as it is', t => {
  const path = placeOf(t)
  makeSandbox(path)
  writeFileSync(join(path, 'stdout'), 'output')
  assert.throws(() => makeSandbox(path), error => error instanceof AgentError && error.code === 'SANDBOX_FAILED' && error.detail['path'] === path)
  assert.equal(readFileSync(join(path, 'stdout'), 'utf8'), 'output')
})

test('a link in the place of a sandbox is not followed', t => {
  const path = placeOf(t)
  const elsewhere = join(dirname(dirname(path)), 'elsewhere')
  mkdirSync(elsewhere, { recursive: true })
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(elsewhere, path)
  assert.throws(() => makeSandbox(path), { code: 'SANDBOX_FAILED' })
  assert.deepEqual(readdirSync(elsewhere), [])
  assert.equal(lstatSync(path).isSymbolicLink(), true)
})

test('a file where a folder must be is told with its path', t => {
  const path = placeOf(t)
  mkdirSync(dirname(dirname(path)), { recursive: true })
  writeFileSync(dirname(path), '')
  assert.throws(() => makeSandbox(path), { code: 'SANDBOX_FAILED', message: /^cannot make the sandbox: E(NOTDIR|EXIST)/ })
})
