import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredResources } from '../../../src/agent/declared-resources.ts'

test('resources are declared as text, those for a role among them', () => {
  assert.deepEqual(declaredResources('cpus:4; cpus(web/api):2;ports(web):[80-81]'), [
    { name: 'cpus', type: 'SCALAR', scalar: { value: 4 }, role: '*' },
    { name: 'cpus', type: 'SCALAR', scalar: { value: 2 }, role: 'web/api' },
    { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 80, end: 81 }] }, role: 'web' },
  ])
  assert.deepEqual(declaredResources(''), [])
})

test('resources are declared as JSON', () => {
  const text = '[{"name":"cpus","type":"SCALAR","scalar":{"value":4}},{"name":"mem","type":"SCALAR","scalar":{"value":64},"role":"web"}]'
  assert.deepEqual(declaredResources(text), [
    { name: 'cpus', type: 'SCALAR', scalar: { value: 4 }, role: '*' }, { name: 'mem', type: 'SCALAR', scalar: { value: 64 }, role: 'web' },
  ])
})

for (const [text, message] of [
  ['cpus(web:4', /cpus\(web/], ['cpus():4', /cpus\(\)/], ['[{"name":"cpus"}]', /no list of Mesos's resources/], ['[1', /no list/], ['[{"name":"a","type":"TEXT"}]', /no list/],
  ['[{"name":"disk","type":"SCALAR","scalar":{"value":1},"disk":{"source":{"type":"MOUNT"}}}]', /disk source or volume of 'disk' cannot be declared/],
  ['[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"reservations":[{"type":"DYNAMIC","role":"r"}]}]', /reservation of run time/],
] as const) {
  test(`what cannot be declared is refused: ${text}`, () => {
    assert.throws(() => declaredResources(text), { code: 'SETTING_INVALID', message })
  })
}
