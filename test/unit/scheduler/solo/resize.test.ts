import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../../../src/base/log.ts'
import { add, amountOf, contains, none } from '../../../../src/model/resources.ts'
import { parseResources } from '../../../../src/model/resources-text.ts'
import { newFramework, taskKey } from '../../../../src/scheduler/solo/framework.ts'
import { onResize } from '../../../../src/scheduler/solo/resize.ts'
import { assembleSolo } from '../../../../src/scheduler/solo/solo-master.ts'
import type { Solo } from '../../../../src/scheduler/solo/solo.ts'
import { toResources } from '../../../../src/scheduler/solo/wire-resources.ts'
import { FakeAgent } from '../../../support/fake-agent.ts'

/** A host of 4 cpus and 1000 MB whose task t holds a part of it. */
function soloWithTask (held: string): Solo {
  const solo = assembleSolo({
    agent: () => new FakeAgent('S0'), address: () => ({ ip: '127.0.0.1', port: 1 }), resources: parseResources('cpus:4;mem:1000;ports:[1-10]'),
    masterId: 'm', hostname: 'h', log: silentLog,
  })
  solo.ledger.use(taskKey('f', 't'), parseResources(held))
  return solo
}

function resize (solo: Solo, wanted: string): void {
  try {
    onResize(solo, 'f', 't', toResources(parseResources(wanted)))
  } finally {
    solo.allocator.close()
    const { free, offered, used, total } = solo.ledger
    const all = [free, offered, used].reduce(add, none)
    assert.ok(contains(all, total) && contains(total, all), 'nothing is lost and nothing is made')
  }
}

test('a task that holds more leaves less free, and the other way round', () => {
  const solo = soloWithTask('cpus:1;mem:100;ports:[3-4]')
  resize(solo, 'cpus:1.5;mem:300;ports:[3-4]')
  assert.deepEqual([amountOf(solo.ledger.free, 'cpus'), amountOf(solo.ledger.free, 'mem')], [2.5, 700])
  resize(solo, 'cpus:0.1;mem:64;ports:[3-4]')
  assert.deepEqual([amountOf(solo.ledger.free, 'cpus'), amountOf(solo.ledger.free, 'mem')], [3.9, 936])
})

test('more than the host has is refused with the figures, and the task holds what it held', () => {
  const solo = soloWithTask('cpus:1;mem:100')
  solo.ledger.use('other', parseResources('cpus:1;mem:100'))
  assert.throws(() => { resize(solo, 'cpus:1;mem:901') }, { code: 'UPDATE_REFUSED', message: 'the host does not have that much free: mem 901 of at most 900' })
  assert.equal(amountOf(solo.ledger.heldBy(taskKey('f', 't')) ?? none, 'mem'), 100)
  resize(solo, 'cpus:3;mem:900')
  assert.equal(amountOf(solo.ledger.free, 'mem'), 0)
})

test('an offer in the way is taken back, one that is not is left', () => {
  const solo = soloWithTask('cpus:1;mem:100')
  const told: unknown[] = []
  const framework = newFramework('f', { user: 'root', name: 'n', id: { value: 'f' } })
  framework.sink = { streamId: 's', send: event => { told.push(event.type) }, close () {} }
  solo.frameworks.set('f', framework)
  solo.ledger.offer('o1', 'f', '*')
  resize(solo, 'cpus:0.5;mem:100')
  assert.deepEqual(told, [])
  resize(solo, 'cpus:2;mem:100')
  assert.deepEqual(told, ['RESCIND'])
})

test('a task that holds nothing gets nothing', () => {
  const solo = soloWithTask('cpus:1;mem:100')
  solo.ledger.release(taskKey('f', 't'))
  resize(solo, 'cpus:2;mem:100')
  assert.equal(amountOf(solo.ledger.free, 'cpus'), 4)
})
