import assert from 'node:assert/strict'
import {
  chmodSync, chownSync, closeSync, copyFileSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openWorkDir } from '../../../src/agent/work-dir.ts'

function folderOf (t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-work-'))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

const modeOf = (path: string): number => statSync(path).mode & 0o777

test('a new work directory is made, with ids and a token of its own', async t => {
  const path = join(folderOf(t), 'deep', 'work')
  await using workDir = await openWorkDir(path)
  assert.equal(workDir.path, path)
  assert.match(workDir.instanceId, /^[0-9a-f-]{36}$/)
  assert.equal(workDir.agentId, `${workDir.instanceId}-S0`)
  assert.match(workDir.token, /^[\w-]{43}$/)
  assert.deepEqual(readdirSync(path).filter(name => name.endsWith('.new')), [])
})

test('ids and token stay over a restart; another directory has others', async t => {
  const [one, two] = [folderOf(t), folderOf(t)]
  const known = []
  for (const path of [one, one, two]) {
    await using workDir = await openWorkDir(path)
    known.push(`${workDir.instanceId} ${workDir.agentId} ${workDir.token}`)
  }
  assert.equal(known[0], known[1])
  assert.notEqual(known[0], known[2])
})

test('nobody but the owner may read the token, also where somebody opened it up', async t => {
  const path = folderOf(t)
  const file = join(path, 'auth-token')
  await (await openWorkDir(path))[Symbol.asyncDispose]()
  assert.equal(modeOf(file), 0o600)
  chmodSync(file, 0o644)
  await (await openWorkDir(path))[Symbol.asyncDispose]()
  assert.equal(modeOf(file), 0o600)
})

test('a token that a crash left half-way, open to others, is not written into', async t => {
  const path = folderOf(t)
  const left = join(path, 'auth-token.new')
  writeFileSync(left, '')
  chmodSync(left, 0o666)
  const reader = openSync(left, 'r')
  t.after(() => { closeSync(reader) })
  await using workDir = await openWorkDir(path)
  assert.equal(modeOf(join(path, 'auth-token')), 0o600)
  assert.notEqual(workDir.token, '')
  assert.equal(readFileSync(reader, 'utf8'), '')
})

test('a directory that every user may write to is refused, and nothing is made there', async t => {
  const path = folderOf(t)
  chmodSync(path, 0o777)
  await assert.rejects(openWorkDir(path), { code: 'SETTING_INVALID', message: /^the work directory .* cannot be used: every user may write there/ })
  chmodSync(path, 0o770)
  await (await openWorkDir(path))[Symbol.asyncDispose]()
})

test('a directory of another user is refused', { skip: process.getuid?.() !== 0 && 'it takes root to give a directory away' }, async t => {
  const path = folderOf(t)
  chownSync(path, 12_345, 0)
  await assert.rejects(openWorkDir(path), { code: 'SETTING_INVALID', message: /cannot be used: it belongs to the user with id 12345/ })
  assert.deepEqual(readdirSync(path), [])
})

test('a token that the operator wrote is taken as it is', async t => {
  const path = folderOf(t)
  writeFileSync(join(path, 'auth-token'), 'my-own\n')
  await using workDir = await openWorkDir(path)
  assert.equal(workDir.token, 'my-own')
})

test('a second agent on one directory is LOCKED, is told the pid of the first, and changes nothing', async t => {
  const path = folderOf(t)
  await using first = await openWorkDir(path)
  const before = readFileSync(join(path, 'agent.pid'), 'utf8')
  await assert.rejects(openWorkDir(path), { code: 'LOCKED', message: new RegExp(`the agent with pid ${process.pid}$`) })
  assert.equal(readFileSync(join(path, 'agent.pid'), 'utf8'), before)
  assert.equal(first.path, path)
})

test('a directory by another name is the same directory', async t => {
  const path = folderOf(t)
  const link = join(folderOf(t), 'link')
  symlinkSync(path, link)
  await using first = await openWorkDir(link)
  assert.equal(first.path, path)
  await assert.rejects(openWorkDir(path), { code: 'LOCKED' })
})

test('a copy of a work directory that is in use is LOCKED: both would command the same containers', async t => {
  const [path, copy] = [folderOf(t), folderOf(t)]
  {
    await using first = await openWorkDir(path)
    copyFileSync(join(path, 'agent.json'), join(copy, 'agent.json'))
    await assert.rejects(openWorkDir(copy), { code: 'LOCKED', message: new RegExp(`an agent of instance ${first.instanceId} is running`) })
  }
  await using second = await openWorkDir(copy)
  assert.equal(second.path, copy)
})

test('a directory is free again when its agent has closed it', async t => {
  const path = folderOf(t)
  for (let i = 0; i < 3; i++) await (await openWorkDir(path))[Symbol.asyncDispose]()
})

const damaged = {
  'half a file': '{"instanceId":"a"', 'no agent id': '{"instanceId":"a"}', 'an id with a slash': '{"instanceId":"a","agentId":"../b"}',
  'an id without an end': `{"instanceId":"${'a'.repeat(65)}","agentId":"b"}`,
}

for (const [name, text] of Object.entries(damaged)) {
  test(`a damaged identity (${name}) is told, not replaced, and the lock is given back`, async t => {
    const path = folderOf(t)
    const file = join(path, 'agent.json')
    writeFileSync(file, text)
    for (const _try of [1, 2]) {
      await assert.rejects(openWorkDir(path), { code: 'SETTING_INVALID', message: new RegExp(`^${file} is damaged`) })
    }
    assert.equal(readFileSync(file, 'utf8'), text)
  })
}

test('a path that cannot be a directory is told with the reason', async t => {
  const file = join(folderOf(t), 'file')
  writeFileSync(file, '')
  await assert.rejects(openWorkDir(file), { code: 'SETTING_INVALID', message: new RegExp(`^the work directory ${file} cannot be used: .*EEXIST|ENOTDIR`) })
  await assert.rejects(openWorkDir(join(file, 'below')), { code: 'SETTING_INVALID' })
})
