import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deferred, type Deferred } from '../../../src/base/deferred.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { drop, put } from '../../../src/store/checkpoint.ts'
import { GroupCommit, type Group } from '../../../src/store/group-commit.ts'
import { decodeRecord, migrations } from '../../../src/store/versions.ts'
import { eventually } from '../../support/eventually.ts'

const record = { agentId: 'a', bootId: 'b' }

function slowStore () {
  const groups: Array<{ keys: string[], done: Deferred<void> }> = []
  const faults: Array<string | undefined> = []
  const commits = new GroupCommit({
    write (group: Group) {
      const done = deferred()
      groups.push({ keys: [...group.keys()], done })
      return done.promise
    },
    onFault: fault => { faults.push(fault?.code) }, onCommit () {}, retryMs: [5, 20], slowMs: 100,
  })
  const group = async (number: number): Promise<{ keys: string[], done: Deferred<void> }> => {
    return await eventually(() => groups[number] ?? false)
  }
  return { commits, groups, faults, group }
}

test('all changes of one turn are one transaction, and what comes while it is written is the next', async () => {
  const { commits, group } = slowStore()
  const all = ['a', 'b'].map(key => commits.commit(put('agent', key, record)))
  const first = await group(0)
  all.push(...['c', 'd'].map(key => commits.commit(put('agent', key, record))))
  assert.deepEqual(first.keys, ['agent/a', 'agent/b'])
  first.done.resolve()
  const second = await group(1)
  assert.deepEqual(second.keys, ['agent/c', 'agent/d'])
  second.done.resolve()
  await Promise.all(all)
})

test('what could not be written is refused, kept, and written with the newest value as soon as can be', async () => {
  const { commits, group, groups, faults } = slowStore()
  const full = new AgentError('DISK_FULL', 'no room')
  const first = commits.commit(put('agent', 'a', record), put('agent', 'b', record))
  ;(await group(0)).done.reject(full)
  await assert.rejects(first, { code: 'DISK_FULL' })
  assert.equal(commits.fault, full)
  const retried = await group(1)
  assert.deepEqual(retried.keys, ['agent/a', 'agent/b'], 'by itself')
  const second = commits.commit(drop('agent', 'a'))
  retried.done.reject(full)
  const last = await group(2)
  assert.deepEqual(last.keys.sort(), ['agent/a', 'agent/b'])
  last.done.resolve()
  await second
  assert.deepEqual([commits.fault, faults, groups.length], [undefined, ['DISK_FULL', undefined], 3])
})

test('a disk that hangs is a fault while it does, and what waits for it is not refused', async () => {
  const { commits, group, faults } = slowStore()
  const late = commits.commit(put('agent', 'a', record))
  const { done } = await group(0)
  await eventually(() => commits.fault?.code === 'CHECKPOINT_FAILED')
  done.resolve()
  await late
  assert.deepEqual([commits.fault, faults], [undefined, ['CHECKPOINT_FAILED', undefined]])
})

test('closing writes what there is and takes no more', async () => {
  const { commits, group } = slowStore()
  const last = commits.commit(put('agent', 'a', record))
  const closed = commits.close()
  ;(await group(0)).done.resolve()
  await Promise.all([last, closed])
  await assert.rejects(commits.commit(put('agent', 'b', record)), { code: 'CANCELLED' })
})

test('a record that is too large is refused before anything of its transaction is taken', async () => {
  const { commits, groups } = slowStore()
  const large = put('framework', 'f', { info: 'x'.repeat(5 << 20) })
  await assert.rejects(commits.commit(put('agent', 'a', record), large), { code: 'SPEC_INVALID', message: /the framework record of f has/ })
  await new Promise(resolve => { setImmediate(resolve) })
  assert.equal(groups.length, 0)
})

test('a record of an older version is read through all the steps that it lacks', () => {
  const steps = { ...migrations, agent: [
    (old: object) => ({ ...old, second: true }), (old: object) => ({ ...old, third: 'second' in old }),
  ] }
  assert.deepEqual(decodeRecord('agent', '{"version":1,"agentId":"a"}', steps), { agentId: 'a', second: true, third: true })
  assert.deepEqual(decodeRecord('agent', '{"version":2,"agentId":"a"}', steps), { agentId: 'a', third: false })
  assert.deepEqual(decodeRecord('agent', '{"version":3,"agentId":"a"}', steps), { agentId: 'a' })
  assert.throws(() => decodeRecord('agent', '{"version":4}', steps), { code: 'CHECKPOINT_NEWER' })
})
