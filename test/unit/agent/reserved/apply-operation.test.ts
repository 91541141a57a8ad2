import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { applyOperation } from '../../../../src/agent/reserved/apply-operation.ts'
import { newerForm } from '../../../../src/agent/reserved/resource-kinds.ts'
import type { v1 } from '../../../../src/wire/messages.ts'
import { plain, ports, reservedFor, scalar, volume } from './resources.ts'

const all = [scalar('cpus', 4), scalar('disk', 1000), ports(31000, 31099)]

function run (from: readonly v1.Resource[], ...operations: v1.Offer_Operation[]): v1.Resource[] {
  return operations.reduce<v1.Resource[]>((resources, operation) => applyOperation(resources, operation), [...from])
}

const reserve = (...resources: v1.Resource[]): v1.Offer_Operation => ({ type: 'RESERVE', reserve: { resources } })
const unreserve = (...resources: v1.Resource[]): v1.Offer_Operation => ({ type: 'UNRESERVE', unreserve: { resources } })
const create = (...volumes: v1.Resource[]): v1.Offer_Operation => ({ type: 'CREATE', create: { volumes } })
const destroy = (...volumes: v1.Resource[]): v1.Offer_Operation => ({ type: 'DESTROY', destroy: { volumes } })

test('a reservation takes from what is free, and gives it back', () => {
  const web = [scalar('cpus', 1.5, reservedFor('web')), ports(31010, 31019, reservedFor('web'))]
  const reserved = run(all, reserve(...web))
  assert.deepEqual(plain(reserved), ['cpus 1.5 web', 'cpus 2.5', 'disk 1000', 'ports 31000-31009,31020-31099', 'ports 31010-31019 web'])
  assert.deepEqual(plain(run(reserved, unreserve(...web))), plain(all))
})

test('a reservation is refined for a role below, and from one role made into another', () => {
  const web = scalar('cpus', 2, reservedFor('web'))
  const refined = scalar('cpus', 1, reservedFor('web', 'web/api'))
  assert.deepEqual(plain(run(all, reserve(web), reserve(refined))).filter(one => one.startsWith('cpus')), ['cpus 1 web', 'cpus 1 web web/api', 'cpus 2'])
  const moved = run(all, reserve(web), { type: 'RESERVE', reserve: { source: [web], resources: [scalar('cpus', 2, reservedFor('batch'))] } })
  assert.deepEqual(plain(moved).filter(one => one.startsWith('cpus')), ['cpus 2', 'cpus 2 batch'])
})

test('a volume is made of reserved disk, grown, shrunk and destroyed', () => {
  const disk = scalar('disk', 300, reservedFor('web'))
  const made = run(all, reserve(disk), create(volume('v1', 200)))
  assert.deepEqual(plain(made).filter(one => one.startsWith('disk')), ['disk 100 web', 'disk 200 web v1', 'disk 700'])
  const grown = run(made, { type: 'GROW_VOLUME', grow_volume: { volume: volume('v1', 200), addition: scalar('disk', 50, reservedFor('web')) } })
  assert.deepEqual(plain(grown).filter(one => one.startsWith('disk')), ['disk 250 web v1', 'disk 50 web', 'disk 700'])
  const shrunk = run(grown, { type: 'SHRINK_VOLUME', shrink_volume: { volume: volume('v1', 250), subtract: { value: 150 } } })
  assert.deepEqual(plain(shrunk).filter(one => one.startsWith('disk')), ['disk 100 web v1', 'disk 200 web', 'disk 700'])
  assert.deepEqual(plain(run(shrunk, destroy(volume('v1', 100)), unreserve(disk))), plain(all))
})

test('what is not there cannot be taken, and nothing has changed then', () => {
  const made = run(all, reserve(scalar('disk', 300, reservedFor('web'))), create(volume('v1', 200)))
  const before = plain(made)
  const wrong = [
    reserve(scalar('cpus', 5, reservedFor('web'))), unreserve(scalar('cpus', 1, reservedFor('web'))), create(volume('v2', 200)), destroy(volume('v1', 100)),
    destroy(volume('v2', 200)), unreserve(volume('v1', 200)), create(scalar('disk', 1)), reserve(scalar('cpus', 1)), reserve(), {},
  ]
  for (const operation of wrong) assert.throws(() => run(made, operation), /Invalid operation|not supported/, JSON.stringify(operation))
  assert.deepEqual(plain(made), before)
  assert.throws(() => run(all, { type: 'CREATE_DISK' }), { code: 'NOT_SUPPORTED' })
})

test('the older form of a reservation is the same reservation', () => {
  const older: v1.Resource = { ...scalar('cpus', 1), role: 'web', reservation: { principal: 'p' } }
  assert.deepEqual(newerForm(older), scalar('cpus', 1, reservedFor('web')))
  assert.deepEqual(newerForm({ ...scalar('cpus', 1), role: '*', allocation_info: { role: 'x' } }), scalar('cpus', 1))
  assert.deepEqual(plain(run(all, reserve(older), unreserve(scalar('cpus', 1, reservedFor('web'))))), plain(all))
})

test('whatever is done and undone leaves what there was', () => {
  const amount = fc.integer({ min: 1, max: 3000 }).map(thousandths => thousandths / 1000)
  fc.assert(fc.property(fc.array(fc.tuple(amount, fc.constantFrom('a', 'a/b', 'c')), { maxLength: 8 }), wishes => {
    const done: v1.Resource[] = []
    let now: v1.Resource[] = all
    for (const [value, role] of wishes) {
      const resource = scalar('cpus', value, reservedFor(role))
      try { now = applyOperation(now, reserve(resource)) } catch { continue }
      done.push(resource)
    }
    for (const resource of done.reverse()) now = applyOperation(now, unreserve(resource))
    assert.deepEqual(plain(now), plain(all))
  }))
})
