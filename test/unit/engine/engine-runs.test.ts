import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { EngineRuns } from '../../../src/engine/engine-runs.ts'
import { eventually } from '../../support/eventually.ts'

function makePlace (t: TestContext): { socket: string, pidFile: string } {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-runs-'))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  return { socket: join(folder, 'docker.sock'), pidFile: join(folder, 'docker.pid') }
}

test('each engine that begins is remembered, and none twice', async t => {
  const { socket, pidFile } = makePlace(t)
  writeFileSync(pidFile, `${process.pid}`)
  utimesSync(pidFile, 7, 7)
  using runs = new EngineRuns(socket)
  assert.deepEqual(runs.begins, [7_000])
  for (const at of [8, 9]) {
    utimesSync(pidFile, at, at)
    await eventually(() => runs.begins.at(-1) === at * 1_000)
  }
  rmSync(pidFile)
  writeFileSync(pidFile, `${process.pid}`)
  await eventually(() => runs.begins.length === 4)
  assert.deepEqual(runs.begins.slice(0, 3), [7_000, 8_000, 9_000])
})

test('without a pid file, or a folder for it, no engine is known to have begun', t => {
  const { socket } = makePlace(t)
  writeFileSync(socket, '')
  for (const path of [socket, '/nowhere/docker.sock']) {
    using runs = new EngineRuns(path)
    assert.deepEqual(runs.begins, [])
  }
})
