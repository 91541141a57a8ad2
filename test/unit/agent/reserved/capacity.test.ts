import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Capacity } from '../../../../src/agent/reserved/capacity.ts'
import { silentLog } from '../../../../src/base/log.ts'
import type { Change, Checkpoint } from '../../../../src/store/checkpoint.ts'
import type { CapacityRecord } from '../../../../src/store/records.ts'
import { plain, reservedFor, scalar, volume } from './resources.ts'

const declared = [scalar('cpus', 4), scalar('mem', 1024), scalar('disk', 1000)].map(resource => ({ ...resource, role: '*' }))
const web = scalar('disk', 100, reservedFor('web'))

/** Keeps what was last written. */
function memory (): Checkpoint & { record (): CapacityRecord | undefined } {
  let last: CapacityRecord | undefined
  return { fault: undefined, record: () => last, commit: async (...changes: Change[]) => { last = changes.at(-1)?.record as CapacityRecord } }
}

function workDirOf (t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-capacity-'))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

const dataOf = (workDir: string, id: string, role = 'web'): string => join(workDir, 'volumes', 'roles', role, id)

test('what a master has made of the host outlives the agent, and so does its data', async t => {
  const workDir = workDirOf(t)
  const checkpoint = memory()
  const capacity = new Capacity({ workDir, declared, checkpoint, log: silentLog })
  await capacity.set([web, volume('v1', 200), volume('v2', 50, 'eng/dev')].map(resource => ({ ...resource, allocation_info: { role: 'web' } })))
  writeFileSync(join(dataOf(workDir, 'v1'), 'precious'), 'data')
  assert.ok(existsSync(dataOf(workDir, 'v2', 'eng dev')))
  assert.deepEqual(plain(capacity.total), ['cpus 4', 'disk 100 web', 'disk 200 web v1', 'disk 50 eng/dev v2', 'disk 650', 'mem 1024'])

  const next = new Capacity({ workDir, declared, checkpoint, log: silentLog })
  next.restore(checkpoint.record())
  assert.deepEqual(plain(next.made), plain(capacity.made))
  assert.equal(readFileSync(join(dataOf(workDir, 'v1'), 'precious'), 'utf8'), 'data')
})

test('a volume that is destroyed is gone at once, and nothing beyond a link in it', async t => {
  const workDir = workDirOf(t)
  const outside = join(workDir, 'outside')
  writeFileSync(outside, 'stays')
  const capacity = new Capacity({ workDir, declared, checkpoint: memory(), log: silentLog })
  await capacity.set([volume('v1', 200), volume('v2', 200)])
  symlinkSync(outside, join(dataOf(workDir, 'v1'), 'link'))
  const done = capacity.set([volume('v2', 200)])
  assert.ok(!existsSync(dataOf(workDir, 'v1')))
  await done
  await capacity.set([volume('v1', 100), volume('v2', 200)])
  assert.deepEqual(readdirSync(dataOf(workDir, 'v1')), [])
  await capacity.settled()
  assert.equal(readFileSync(outside, 'utf8'), 'stays')
  assert.deepEqual(readdirSync(join(workDir, 'volumes')), ['roles'])
})

test('what a crash left of a destroyed volume is removed by the next run', async t => {
  const workDir = workDirOf(t)
  const checkpoint = memory()
  const capacity = new Capacity({ workDir, declared, checkpoint, log: silentLog })
  await capacity.set([volume('v1', 200)])
  const record = checkpoint.record()
  void capacity.set([])            // and the agent dies before that is written
  await capacity.settled()
  const next = new Capacity({ workDir, declared, checkpoint: memory(), log: silentLog })
  next.restore(record)
  await next.settled()
  assert.ok(existsSync(dataOf(workDir, 'v1')))         // its master tells it again that it is destroyed
  assert.deepEqual(readdirSync(join(workDir, 'volumes')), ['roles'])
})

test('what cannot be is refused, and nothing has changed', async t => {
  const workDir = workDirOf(t)
  const capacity = new Capacity({ workDir, declared, checkpoint: memory(), log: silentLog })
  await capacity.set([volume('v1', 200)])
  const wrong = [
    [volume('v1', 1001)], [web, volume('v3', 901)], [scalar('gpus', 1, reservedFor('web'))], [scalar('cpus', 1)],
    [volume('..', 1)], [volume('a/b', 1)], [volume('', 1)], [volume('v4', 1, '..')],
    [volume('v5', 1), { ...volume('v6', 1), disk: { source: { type: 'MOUNT' as const } } }],
  ]
  for (const resources of wrong) await assert.rejects(capacity.set(resources), { code: /SPEC_INVALID|NOT_SUPPORTED/ }, JSON.stringify(resources))
  assert.deepEqual(plain(capacity.made), ['disk 200 web v1'])
  assert.deepEqual(readdirSync(join(workDir, 'volumes', 'roles', 'web')), ['v1'])
})

test('a task that wants what no master has made is found out', async t => {
  const capacity = new Capacity({ workDir: workDirOf(t), declared, checkpoint: memory(), log: silentLog })
  await capacity.set([web, volume('v1', 200)])
  const allocated = { allocation_info: { role: 'web' } }
  const known = [volume('v1', 200), scalar('disk', 60, reservedFor('web')), scalar('cpus', 9)].map(resource => ({ ...resource, ...allocated }))
  assert.equal(capacity.unknown(known), undefined)
  assert.equal(capacity.unknown([volume('v1', 200, 'web', 'elsewhere')]), undefined)
  assert.equal(capacity.unknown([scalar('cpus', 1), volume('v2', 200)])?.disk?.persistence?.id, 'v2')
  assert.equal(capacity.unknown([scalar('disk', 101, reservedFor('web'))])?.name, 'disk')
})

test('an agent that is started with less than was made of it says so', async t => {
  const workDir = workDirOf(t)
  const checkpoint = memory()
  await new Capacity({ workDir, declared, checkpoint, log: silentLog }).set([volume('v1', 200)])
  const less = new Capacity({ workDir, declared: [scalar('disk', 100)], checkpoint, log: silentLog })
  assert.throws(() => { less.restore(checkpoint.record()) }, { code: 'SETTING_INVALID' })
})

test('operations do what the whole list does', async t => {
  const workDir = workDirOf(t)
  const capacity = new Capacity({ workDir, declared, checkpoint: memory(), log: silentLog })
  await capacity.apply({ type: 'RESERVE', reserve: { resources: [scalar('disk', 300, reservedFor('web'))] } })
  await capacity.apply({ type: 'CREATE', create: { volumes: [volume('v1', 200)] } })
  assert.deepEqual(plain(capacity.made), ['disk 100 web', 'disk 200 web v1'])
  assert.ok(existsSync(dataOf(workDir, 'v1')))
  await capacity.apply({ type: 'DESTROY', destroy: { volumes: [volume('v1', 200)] } })
  assert.deepEqual(plain(capacity.made), ['disk 300 web'])
  assert.ok(!existsSync(dataOf(workDir, 'v1')))
})
