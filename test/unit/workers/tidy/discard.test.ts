import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { discard } from '../../../../workers/tidy/discard.ts'
import { findSandboxes } from '../../../../workers/tidy/find-sandboxes.ts'
import { removeTree } from '../../../../workers/tidy/remove-tree.ts'

const calm = new AbortController().signal

interface Ground extends Disposable { readonly workDir: string, readonly runs: string, sandbox (name: string): string }

function ground (): Ground {
  const workDir = mkdtempSync(join(tmpdir(), 'slipway-tidy-'))
  const runs = join(workDir, 'slaves', 'agent-S0', 'frameworks', 'f1', 'executors', 'task', 'runs')
  return {
    workDir, runs,
    sandbox (name) {
      const path = join(runs, name)
      mkdirSync(path, { recursive: true })
      for (const file of ['stdout', 'stderr']) writeFileSync(join(path, file), 'words\n')
      return path
    },
    [Symbol.dispose] () { rmSync(workDir, { recursive: true, force: true }) },
  }
}

test('a sandbox goes with all that is in it, and the folders above it that are empty then', async () => {
  using place = ground()
  const [first, second] = [place.sandbox('c1'), place.sandbox('c2')]
  symlinkSync(second, join(place.runs, 'latest'))
  mkdirSync(join(first, 'locked'))
  writeFileSync(join(first, 'locked', 'file'), '')
  chmodSync(join(first, 'locked', 'file'), 0)
  execFileSync('mkfifo', [join(first, 'pipe')])
  writeFileSync(Buffer.concat([Buffer.from(`${first}/`), Buffer.from([0xff, 0xfe, 0x0a])]), 'a name that is no text')
  for (const of of [first, second]) writeFileSync(`${of}.log-record`, '{}')
  await discard({ path: first, isTemporary: false }, calm)
  assert.deepEqual(readdirSync(place.runs).sort(), ['c2', 'c2.log-record', 'latest'])
  await discard({ path: second, isTemporary: false }, calm)
  assert.deepEqual(readdirSync(join(place.workDir, 'slaves', 'agent-S0')), ['frameworks'])
  assert.deepEqual(readdirSync(join(place.workDir, 'slaves', 'agent-S0', 'frameworks')), [])
})

test('links are removed and never followed, to files and to folders, and not above the sandbox either', async () => {
  using place = ground()
  const path = place.sandbox('c1')
  const outside = join(place.workDir, 'outside')
  mkdirSync(outside)
  writeFileSync(join(outside, 'precious'), 'kept')
  symlinkSync(outside, join(path, 'folder'))
  symlinkSync(join(outside, 'precious'), join(path, 'file'))
  await discard({ path, isTemporary: false }, calm)
  assert.equal(existsSync(path), false)
  assert.deepEqual(readdirSync(outside), ['precious'])

  symlinkSync(outside, join(place.workDir, 'link'))
  assert.equal(await removeTree(place.workDir, 'link', calm).catch(() => 'refused'), 0)
  assert.deepEqual(readdirSync(outside), ['precious'])
})

test('folders that are nested very deep go without using up open files', async () => {
  using place = ground()
  const path = place.sandbox('c1')
  execFileSync('mkdir', ['-p', Array(1_500).fill('d').join('/')], { cwd: path })
  await discard({ path, isTemporary: false }, calm)
  assert.equal(existsSync(path), false)
})

test('a tree that is changed while it goes goes all the same, and what was swapped for a link leads nowhere', async () => {
  using place = ground()
  const path = place.sandbox('c1')
  const outside = join(place.workDir, 'outside')
  mkdirSync(outside)
  for (let at = 0; at < 200; at++) writeFileSync(join(outside, `precious-${at}`), '')
  mkdirSync(join(path, 'swapped'))
  for (let at = 0; at < 500; at++) writeFileSync(join(path, 'swapped', `file-${at}`), '')
  const removal = removeTree(place.runs, 'c1', calm)
  await new Promise(resolve => { setImmediate(resolve) })      // it is in the middle of the folder
  renameSync(join(path, 'swapped'), join(path, 'elsewhere'))
  symlinkSync(outside, join(path, 'swapped'))
  await removal.catch(() => {})
  await removeTree(place.runs, 'c1', calm)
  assert.equal(existsSync(path), false)
  assert.equal(readdirSync(outside).length, 200)
})

test('a removal that was begun by an agent that died goes on; a sandbox that is gone is as good as removed', async () => {
  using place = ground()
  place.sandbox('.gc-c1')
  const { found } = await findSandboxes({ workDir: place.workDir }, calm)
  assert.deepEqual(found.map(({ containerId, isDiscarded }) => [containerId, isDiscarded]), [['c1', true]])
  await discard({ path: join(place.runs, '.gc-c1'), isTemporary: false }, calm)
  assert.equal(existsSync(place.runs), false)
  await discard({ path: join(place.runs, 'c1'), isTemporary: false }, calm)
})

test('a removal that is cancelled stops, and leaves a sandbox that nobody takes for a whole one', async () => {
  using place = ground()
  const path = place.sandbox('c1')
  for (let at = 0; at < 1_000; at++) writeFileSync(join(path, `file-${at}`), '')
  const cancel = new AbortController()
  const removal = discard({ path, isTemporary: false }, cancel.signal)
  cancel.abort(new Error('closing'))
  await assert.rejects(removal, { message: 'closing' })
  assert.deepEqual(readdirSync(place.runs), ['.gc-c1'])
})

test('a link to the newest run that an agent left half-made goes with the last sandbox; that of another is kept', async () => {
  using place = ground()
  const path = place.sandbox('c1')
  symlinkSync(path, join(place.runs, 'c0.latest'))
  await discard({ path, isTemporary: false }, calm)
  assert.equal(existsSync(place.runs), false)

  const [old, young] = [place.sandbox('c2'), place.sandbox('c3')]
  symlinkSync(young, join(place.runs, 'latest'))
  await discard({ path: old, isTemporary: false }, calm)
  assert.equal(readlinkSync(join(place.runs, 'latest')), young)
})

test('sandboxes are found with the time of their last change, whatever times their files claim, and with what a fetch left', async () => {
  using place = ground()
  const [old, forged] = [place.sandbox('old'), place.sandbox('forged')]
  mkdirSync(join(old, '.slipway-fetch-abc'))
  const before = new Date(Date.now() - 3_600_000)
  for (const file of ['', 'stdout', 'stderr']) utimesSync(join(old, file), before, before)
  utimesSync(join(forged, 'stdout'), new Date('2099-01-01'), new Date('2099-01-01'))
  symlinkSync(old, join(place.runs, 'latest'))
  writeFileSync(join(place.runs, 'stray'), '')
  const { found, usedRatio } = await findSandboxes({ workDir: place.workDir }, calm)
  assert.ok(usedRatio >= 0 && usedRatio <= 1)
  assert.deepEqual(found.map(({ containerId }) => containerId).sort(), ['forged', 'old'])
  const byId = new Map(found.map(one => [one.containerId, one]))
  assert.equal(Math.round(byId.get('old')?.usedAtMs ?? 0), before.getTime())
  assert.deepEqual(byId.get('old')?.temporary, ['.slipway-fetch-abc'])
  assert.ok((byId.get('forged')?.usedAtMs ?? Infinity) <= Date.now() + 1_000)
  await discard({ path: join(old, '.slipway-fetch-abc'), isTemporary: true }, calm)
  assert.deepEqual(readdirSync(old).sort(), ['stderr', 'stdout'])
  assert.ok(lstatSync(old).isDirectory())
})
