import assert from 'node:assert/strict'
import { mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { giveSandbox, realVolumes } from '../../../src/containerizer/volumes.ts'
import type { Volume } from '../../../src/model/container-spec.ts'

let folder: string

before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'slipway-volumes-')))
  await mkdir(join(folder, 'allowed/deep'), { recursive: true })
  await mkdir(join(folder, 'other'))
  await writeFile(join(folder, 'allowed/file'), '')
  await symlink('../other', join(folder, 'allowed/out'))
  await symlink('deep', join(folder, 'allowed/in'))
  await symlink('../gone', join(folder, 'allowed/dangling'))
  await symlink('allowed', join(folder, 'also'))
})

after(async () => { await rm(folder, { recursive: true }) })

const bind = (hostPath: string, within: string[]): Volume =>
  ({ kind: 'bind', field: 'container.volumes[0]', containerPath: '/v', readOnly: false, hostPath, within, allowedBy: '--allow-host-paths' })

async function real (path: string, ...within: string[]): Promise<string | undefined> {
  const [volume] = await realVolumes([bind(join(folder, path), within.map(name => join(folder, name)))])
  return volume?.kind === 'bind' ? volume.hostPath.slice(folder.length + 1) : undefined
}

test('what is mounted is the real path', async () => {
  assert.equal(await real('allowed', 'allowed'), 'allowed')
  assert.equal(await real('allowed/file', 'allowed'), 'allowed/file')
  assert.equal(await real('allowed/in', 'allowed'), 'allowed/deep')
  assert.equal(await real('also/deep', 'other', 'allowed'), 'allowed/deep')
  assert.equal(await real('allowed/deep', 'also'), 'allowed/deep')
})

for (const path of ['other', 'allowed/out', 'allowed/out/new', 'allowed2', '.']) {
  test(`${path} is not within the folder that is allowed, and is not made`, async () => {
    await assert.rejects(real(path, 'allowed'), { code: 'NOT_ALLOWED', message: /^container\.volumes\[0\]: .*--allow-host-paths would allow it$/ })
    await assert.rejects(stat(join(folder, 'other/new')), { code: 'ENOENT' })
  })
}

test('where nothing is allowed, nothing is', async () => {
  await assert.rejects(real('allowed'), { code: 'NOT_ALLOWED' })
})

test('a link into nothing is not followed', async () => {
  for (const path of ['allowed/dangling', 'allowed/dangling/x']) await assert.rejects(real(path, 'allowed'), { code: 'SANDBOX_FAILED' })
  await assert.rejects(stat(join(folder, 'gone')), { code: 'ENOENT' })
})

test('a folder that is missing is made', async () => {
  assert.equal(await real('allowed/new/er', 'allowed'), 'allowed/new/er')
  assert.ok((await stat(join(folder, 'allowed/new/er'))).isDirectory())
})

test('volumes of the engine are left as they are', async () => {
  const volume: Volume = { kind: 'named', field: 'f', containerPath: '/v', readOnly: true, name: 'data' }
  assert.deepEqual(await realVolumes([volume]), [volume])
  assert.deepEqual(await realVolumes(), [])
})

test('a sandbox belongs to who runs in it', { skip: process.getuid?.() !== 0 && 'it takes root to give a folder away' }, async () => {
  for (const [user, uid, gid] of [['1000', 1000, 0], ['1000:1001', 1000, 1001], ['root', 0, 0], ['no-such-user', 0, 0]] as const) {
    const path = await mkdtemp(join(folder, 'sandbox-'))
    await giveSandbox(path, user)
    const owner = await stat(path)
    assert.deepEqual([owner.uid, owner.gid], [uid, gid])
  }
})
