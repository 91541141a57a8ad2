import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reconfigurationFault, type Registered } from '../../../../src/scheduler/mesos/reconfiguration.ts'
import { olderForm } from '../../../../src/scheduler/mesos/older-resources.ts'

const before: Registered = {
  hostname: 'h', port: 5051,
  resources: [
    { name: 'cpus', type: 'SCALAR', scalar: { value: 4 } }, { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31000n, end: 32000n }] } },
  ],
  attributes: [{ name: 'rack', type: 'TEXT', text: { value: 'r1' } }],
}
const [cpus, ports] = before.resources ?? []
const more: Registered = {
  ...before, resources: [{ ...cpus!, scalar: { value: 8 } }, { ...ports!, ranges: { range: [{ begin: 30000, end: 32000 }] } }],
  attributes: [...before.attributes!, { name: 'zone', type: 'TEXT', text: { value: 'a' } }],
}

test('the same in another order, and with numbers of another kind, is the same', () => {
  const same = { ...before, resources: [{ ...ports!, ranges: { range: [{ begin: 31000, end: 32000 }] } }, cpus!] }
  assert.equal(reconfigurationFault(before, same, 'equal'), undefined)
})

test('more of what there was is a fault for policy equal, and none for additive; less is one for both', () => {
  assert.match(reconfigurationFault(before, more, 'equal') ?? '', /resources differ: cpus/)
  assert.equal(reconfigurationFault(before, more, 'additive'), undefined)
  assert.match(reconfigurationFault(more, before, 'additive') ?? '', /resources differ: cpus/)
  assert.match(reconfigurationFault({ ...more, resources: before.resources }, before, 'additive') ?? '', /attributes differ: zone/)
})

test('another hostname, port or domain is a fault for both', () => {
  for (const policy of ['equal', 'additive'] as const) {
    assert.match(reconfigurationFault(before, { ...before, hostname: 'other' }, policy) ?? '', /hostname was h and is other/)
    assert.match(reconfigurationFault(before, { ...before, port: 1 }, policy) ?? '', /port was 5051 and is 1/)
    assert.equal(reconfigurationFault(before, { ...before, port: 0 }, policy), undefined)
    const domain = { fault_domain: { region: { name: 'r' }, zone: { name: 'z' } } }
    assert.match(reconfigurationFault({ ...before, domain }, before, policy) ?? '', /domain has changed/)
  }
})

test('resources are told in the older form where there is one', () => {
  assert.deepEqual(olderForm(cpus!), { ...cpus, role: '*' })
  const reserved = { ...cpus!, reservations: [{ type: 'DYNAMIC' as const, role: 'r', principal: 'p' }] }
  assert.deepEqual(olderForm(reserved), { ...cpus, role: 'r', reservation: { principal: 'p' } })
  assert.deepEqual(olderForm({ ...cpus!, reservations: [{ type: 'STATIC' as const, role: 'r' }] }), { ...cpus, role: 'r' })
  const refined = { ...cpus!, reservations: [{ type: 'STATIC' as const, role: 'r' }, { type: 'DYNAMIC' as const, role: 'r/a' }] }
  assert.equal(olderForm(refined), refined)
})
