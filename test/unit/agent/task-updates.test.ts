import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amountOf } from '../../../src/agent/changed-resources.ts'
import { taskBook } from '../../../src/agent/task-book.ts'
import { TaskUpdates } from '../../../src/agent/task-updates.ts'
import type { Task } from '../../../src/agent/task.ts'
import { deferred } from '../../../src/base/deferred.ts'
import { AgentError } from '../../../src/model/errors.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import { taskOf } from '../operator/tasks.ts'

const scalar = (name: string, value: number): v1.Resource => ({ name, type: 'SCALAR', scalar: { value } })

interface Ground { readonly updates: TaskUpdates, readonly task: Task, readonly held: string[], done (): void, fail (error: Error): void, end (): void }

function ground (): Ground {
  const task = taskOf()
  task.info = { ...task.info, resources: [scalar('cpus', 1), scalar('mem', 64)] }
  const book = taskBook()
  book.add(task)
  const held: string[] = []
  const change = deferred()
  const updates = new TaskUpdates({
    onChange () {},
    book, containerizer: { update: () => change.promise },
    listener: { resize: (_framework, _task, resources) => { held.push(`${amountOf(resources, 'cpus')} ${amountOf(resources, 'mem')}`) } },
  })
  return { updates, task, held, done: () => { change.resolve() }, fail: error => { change.reject(error) }, end: () => { book.close(task) } }
}

test('while the limits change the larger of both is held, then what is in force', async () => {
  const { updates, task, held, done } = ground()
  const updated = updates.update(task, { cpus: 0.5, mem: 128 })
  done()
  await updated
  assert.deepEqual(held, ['1 128', '0.5 128'])
  assert.equal(amountOf(task.info.resources ?? [], 'mem'), 128)
})

test('a change that fails leaves the accounts as they were', async () => {
  const { updates, task, held, fail } = ground()
  const updated = updates.update(task, { mem: 128 })
  fail(new AgentError('ENGINE_REFUSED', 'no'))
  await assert.rejects(updated, { code: 'ENGINE_REFUSED' })
  assert.deepEqual(held, ['1 128', '1 64'])
  assert.equal(amountOf(task.info.resources ?? [], 'mem'), 64)
})

test('while the engine has not answered a change that was given up, the larger of both is held and no other change begins', async () => {
  const { updates, task, held, fail } = ground()
  const undone = deferred()
  const updated = updates.update(task, { mem: 128 })
  Object.assign(task.container, { updating: { cpus: 1, memBytes: 128 << 20 }, undone: undone.promise })
  fail(new AgentError('STAGE_TIMEOUT', 'late'))
  await assert.rejects(updated, { code: 'STAGE_TIMEOUT' })
  await assert.rejects(updates.update(task, { mem: 256 }), { code: 'UPDATE_REFUSED', message: /^an earlier update of it is not settled/ })
  assert.deepEqual(held, ['1 128'])
  assert.equal(amountOf(task.wanted ?? [], 'mem'), 128)
  task.container.updating = undefined
  undone.resolve()
  await task.container.undone
  assert.deepEqual(held, ['1 128', '1 64'])
  assert.equal(task.wanted, undefined)
})

test('a second update of a task waits for nobody: it is refused', async () => {
  const { updates, task, done } = ground()
  const first = updates.update(task, { mem: 128 })
  await assert.rejects(updates.update(task, { mem: 256 }), { code: 'UPDATE_REFUSED' })
  done()
  await first
})

test('a task that ends meanwhile holds nothing any more', async () => {
  const { updates, task, held, done, end } = ground()
  const updated = updates.update(task, { mem: 128 })
  end()
  done()
  await updated
  assert.deepEqual(held, ['1 128'])
})

test('a task of an executor has no limits of its own to be changed', async () => {
  const { updates, task, held } = ground()
  const ofExecutor = { ...task, executor: { executorId: 'e' } } as Task
  await assert.rejects(updates.update(ofExecutor, { mem: 128 }), { code: 'UPDATE_REFUSED', message: 'its limits are those of its executor e' })
  assert.deepEqual(held, [])
})
