import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseResources, printResources } from '../../../src/model/resources-text.ts'

test('the text form of Mesos is read', () => {
  const all = parseResources(' cpus:4 ; mem:1024.5;ports:[31000-32000, 40000-40001];disks:{a, b};')
  assert.equal(printResources(all), 'cpus:4; mem:1024.5; ports:[31000-32000, 40000-40001]; disks:{a, b}')
})

test('a name told twice adds up, and nothing is left out', () => {
  assert.equal(printResources(parseResources('cpus:1;cpus:0.5;mem:0;ports:[1-2];ports:[3-4]')), 'cpus:1.5; ports:[1-4]')
})

test('amounts are printed with the role to which they are allocated', () => {
  assert.equal(printResources(parseResources('cpus:0.1;mem:32;ports:[80-80]'), '*'),
    'cpus(allocated: *):0.1; mem(allocated: *):32; ports(allocated: *):[80-80]')
})

const wrong = [
  'cpus', ':4', 'cpus:', 'cpus:four', 'cpus:-1', 'cpus:1e999', 'ports:[5-1]', 'ports:[a-b]', 'ports:[1-2', 'c pus:1',
  'cpus:99999999999999999',
]

for (const text of wrong) {
  test(`'${text}' is refused with an example of what is right`, () => {
    assert.throws(() => parseResources(text), { code: 'SETTING_INVALID', message: /for example cpus:4/ })
  })
}

test('reserved resources are refused as not supported', () => {
  assert.throws(() => parseResources('cpus(web):4'), { code: 'SETTING_INVALID', message: /not supported/ })
})
