import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { allMetrics } from '../../../src/all-metrics.ts'
import { silentLog, type Log } from '../../../src/base/log.ts'
import { drop, put } from '../../../src/store/checkpoint.ts'
import { openLmdb } from '../../../src/store/lmdb-file.ts'
import { checkpointFolder, openCheckpoint, type OpenCheckpoint } from '../../../src/store/open-checkpoint.ts'
import { damage } from '../../support/damage.ts'
import { eventually } from '../../support/eventually.ts'

let workDir: string
beforeEach(async () => { workDir = await mkdtemp(join(tmpdir(), 'slipway-store-')) })
afterEach(async () => { await rm(workDir, { recursive: true, force: true }) })

const skip = process.getuid?.() !== 0 || spawnSync('unshare', ['-m', 'true']).status !== 0 ? 'needs root for a disk of its own' : false

const framework = { info: '{}' }

async function reopen (strict = true, log: Log = silentLog): Promise<OpenCheckpoint> {
  return await openCheckpoint({ workDir, strict, metrics: allMetrics().store, log })
}

/** Writes these frameworks, and closes: then there is a backup as well. */
async function write (...keys: string[]): Promise<void> {
  await using checkpoint = await reopen()
  await checkpoint.commit(...keys.map(key => put('framework', key, framework)))
}

async function keysOf (opening: Promise<OpenCheckpoint>): Promise<string[]> {
  await using checkpoint = await opening
  return [...checkpoint.snapshot.framework.keys()].sort()
}

const data = (): string => join(checkpointFolder(workDir), 'data.mdb')
const backup = (): string => join(checkpointFolder(workDir), 'backup.mdb')

test('what was committed is there when it is opened again, each family by itself, and what was dropped is not', async () => {
  {
    await using checkpoint = await reopen()
    await checkpoint.commit(put('framework', 'a', framework), put('framework', 'b', framework), put('agent', 'a', { agentId: 'i', bootId: 'j' }))
    await checkpoint.commit(drop('framework', 'a'), drop('framework', 'never-there'))
  }
  await using again = await reopen()
  assert.deepEqual([...again.snapshot.framework], [['b', framework]])
  assert.deepEqual([...again.snapshot.agent], [['a', { agentId: 'i', bootId: 'j' }]])
  assert.equal((await stat(checkpointFolder(workDir))).mode & 0o077, 0, 'tasks may have secrets in their descriptions')
})

test('after kill -9 of a writer everything that it was told to be durable is there, and both records of a transaction or neither', async () => {
  const script = fileURLToPath(new URL('../../support/store-writer.js', import.meta.url))
  const writer = spawn(process.execPath, [script, workDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  for await (const text of writer.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    told += text
    if (told.length > 5_000 && !writer.killed) writer.kill('SIGKILL')
  }
  if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit')
  await using checkpoint = await reopen()
  const { framework: frameworks, agent } = checkpoint.snapshot
  const durable = told.slice(0, told.lastIndexOf('\n')).split('\n')
  assert.ok(durable.length > 500)
  assert.deepEqual(durable.filter(number => !frameworks.has(`f${number}`)), [])
  assert.deepEqual([...frameworks.keys()].map(key => key.slice(1)).sort(), [...agent.keys()].map(key => key.slice(1)).sort())
})

test('a damaged database gives way to its backup, told loudly, and is kept aside', async () => {
  await write('a')
  await write('b')
  await damage(data())
  const errors: string[] = []
  const log: Log = { ...silentLog, error: (_fields, message) => { errors.push(message) } }
  assert.deepEqual(await keysOf(reopen(true, log)), ['a', 'b'])
  assert.match(errors.join(), /THE CHECKPOINT IS DAMAGED: its backup takes its place/)
  assert.ok((await stat(`${data()}.damaged`)).size > 0)
})

test('a damaged database without a good backup is a message and no crash; without --strict it is put aside', async () => {
  await write('a')
  await damage(data())
  await rm(backup())
  await assert.rejects(reopen(), { code: 'CHECKPOINT_DAMAGED', message: /cannot be read: its reader ended with/ })
  await assert.rejects(reopen(), { code: 'CHECKPOINT_DAMAGED' }, 'it is as it was')
  assert.deepEqual(await keysOf(reopen(false)), [])
})

test('a database whose backup is damaged as well is left as it is', async () => {
  await write('a')
  await damage(data())
  await damage(backup())
  for (const _again of [1, 2]) await assert.rejects(reopen(), { code: 'CHECKPOINT_DAMAGED' })
  assert.ok((await stat(backup())).size > 0)
  assert.deepEqual(await keysOf(reopen(false)), [])
})

test('a restore that was cut off when the damaged database was put aside is made up for', async () => {
  await write('a')
  await write('b')
  await rm(data())
  const errors: string[] = []
  const log: Log = { ...silentLog, error: (_fields, message) => { errors.push(message) } }
  assert.deepEqual(await keysOf(reopen(true, log)), ['a', 'b'])
  assert.match(errors.join(), /THE CHECKPOINT IS DAMAGED: its backup takes its place/)
})

test('a damaged database stays where it is as long as its backup cannot be copied', { skip }, () => {
  const script = fileURLToPath(new URL('../../support/full-restore.js', import.meta.url))
  const line = `mount -t tmpfs -o size=4m none ${workDir} && exec ${process.execPath} ${script} ${workDir}`
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', line], { encoding: 'utf8', timeout: 60_000 })
  assert.deepEqual([status, stdout.trim().split('\n')], [0, ['CHECKPOINT_FAILED', 'CHECKPOINT_FAILED', 'kept a']], stderr)
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL', 'SIGABRT'] as const) {
  test(`a reader that ${signal} ends says nothing about the database`, async () => {
    await write('a')
    const before = childrenOf(process.pid)
    const opening = reopen()
    const reader = await eventually(() => childrenOf(process.pid).find(pid => !before.includes(pid)) ?? false, { everyMs: 1 })
    process.kill(reader, signal)
    await assert.rejects(opening, { code: 'CHECKPOINT_FAILED', message: new RegExp(`could not be read: its reader ended with ${signal}`) })
    assert.deepEqual(await keysOf(reopen()), ['a'])
  })
}

function childrenOf (pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(word => word !== '').map(Number)
}

for (const [what, text, code] of [
  ['of a version to come', '{"version":99}', 'CHECKPOINT_NEWER'],
  ['that is no JSON', '{', 'CHECKPOINT_DAMAGED'],
  ['without a version', '{}', 'CHECKPOINT_DAMAGED'],
] as const) {
  test(`a record ${what} keeps a strict agent from starting, and is named`, async () => {
    await write('a')
    await plant('framework/odd', text)
    await assert.rejects(reopen(), { code, message: 'the checkpoint\'s record framework/odd cannot be read' })
    if (code === 'CHECKPOINT_DAMAGED') assert.deepEqual(await keysOf(reopen(false)), ['a'])
    else await assert.rejects(reopen(false), { code })
  })
}

test('a family of records that is not known is of a newer version', async () => {
  await plant('novelty/a', '{"version":1}')
  await assert.rejects(reopen(false), { code: 'CHECKPOINT_NEWER' })
})

async function plant (key: string, text: string): Promise<void> {
  await using _made = await reopen()
  const file = openLmdb(checkpointFolder(workDir))
  await file.write(new Map([[key, text]]))
}

test('a full disk refuses commits until there is room, ends nobody, and what it refused is written then', { skip }, () => {
  const script = fileURLToPath(new URL('../../support/full-disk.js', import.meta.url))
  const line = `mount -t tmpfs -o size=4m none ${workDir} && exec ${process.execPath} ${script} ${workDir}`
  const { status, stdout } = spawnSync('unshare', ['-m', 'sh', '-c', line], { encoding: 'utf8', timeout: 60_000 })
  assert.deepEqual([status, stdout.trim().split('\n')], [0, [
    'refused DISK_FULL', 'fault DISK_FULL', 'healed', 'again ok', 'kept first,late,small',
  ]])
})

test('eight URIs on a name server that never answers do not hold up the commits', { skip }, t => {
  const script = fileURLToPath(new URL('../../support/dead-resolver.js', import.meta.url))
  const line = `ip link set lo up && exec ${process.execPath} ${script} ${workDir}`
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', '-n', 'sh', '-c', line], { encoding: 'utf8', timeout: 60_000 })
  assert.equal(status, 0, stderr)
  const { alone, beside } = JSON.parse(stdout) as { alone: number, beside: number }
  t.diagnostic(`p99 of a commit: ${alone.toFixed(2)} ms alone, ${beside.toFixed(2)} ms beside eight hung look-ups`)
  assert.ok(beside < alone + 250, 'a look-up that holds a thread of the pool holds it for seconds')
})
