import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Draining } from '../../../src/agent/draining.ts'
import { taskBook } from '../../../src/agent/task-book.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { Change, Checkpoint } from '../../../src/store/checkpoint.ts'
import type { DrainRecord } from '../../../src/store/records.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import { taskOf } from '../operator/tasks.ts'

function ground (record?: DrainRecord) {
  const book = taskBook()
  const kills: Array<[string, number | bigint | undefined]> = []
  let last: DrainRecord | undefined = record
  const checkpoint: Checkpoint = { fault: undefined, commit: async (...changes: Change[]) => { last = changes.at(-1)?.record as DrainRecord } }
  const tasks = { kill: (_framework: string, id: string, policy?: v1.KillPolicy) => { kills.push([id, policy?.grace_period?.nanoseconds]); return true } }
  const draining = new Draining({ tasks, book, checkpoint, log: silentLog })
  draining.restore(record)
  return { book, kills, draining, record: () => last }
}

const told = (state: v1.TaskState): v1.TaskStatus => ({ task_id: { value: 't1' }, state })

test('all tasks are ended, each with the shorter of its grace and the master\'s', async () => {
  const { book, kills, draining } = ground()
  const [quick, slow] = [taskOf('quick'), taskOf('slow', 'f1', 'c2')]
  quick.info.kill_policy = { grace_period: { nanoseconds: 1e9 } }
  slow.info.kill_policy = { grace_period: { nanoseconds: 60e9 } }
  for (const task of [quick, slow, taskOf('plain', 'f1', 'c3')]) book.add(task)
  await draining.begin({ max_grace_period: { nanoseconds: 5e9 } })
  assert.deepEqual(kills, [['quick', 1e9], ['slow', 5e9], ['plain', 5e9]])
  await draining.begin({})
  assert.deepEqual(kills.at(-1), ['plain', undefined])
})

test('it ends with the last task, and outlives the agent until then', async () => {
  const { book, draining, record } = ground()
  const task = taskOf()
  book.add(task)
  await draining.begin({ mark_gone: true })
  assert.equal(draining.config?.mark_gone, true)
  const next = ground(record())
  next.book.add(taskOf())
  assert.equal(next.draining.resume(), 1)
  assert.deepEqual([next.kills.length, next.draining.begunAt], [1, draining.begunAt])
  book.close(task)
  assert.deepEqual([draining.config, record()], [undefined, undefined])
})

test('the statuses of its tasks say why they were ended', async () => {
  const { book, draining } = ground()
  const [task, aware] = [taskOf(), taskOf('t2', 'f2', 'c2')]
  Object.assign(aware, { framework: { ...aware.framework, capabilities: [{ type: 'PARTITION_AWARE' }] } })
  assert.equal(draining.recast(task, told('TASK_KILLED')).reason, undefined)
  for (const one of [task, aware]) book.add(one)
  await draining.begin({ mark_gone: true })
  assert.deepEqual(draining.recast(aware, told('TASK_KILLING')), { ...told('TASK_KILLING'), reason: 'REASON_AGENT_DRAINING' })
  assert.deepEqual(draining.recast(aware, told('TASK_KILLED')), { ...told('TASK_GONE_BY_OPERATOR'), reason: 'REASON_AGENT_DRAINING' })
  assert.deepEqual(draining.recast(task, told('TASK_KILLED')), { ...told('TASK_KILLED'), reason: 'REASON_AGENT_DRAINING' })
  assert.deepEqual(draining.recast(task, told('TASK_FINISHED')), told('TASK_FINISHED'))
})
