import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explain } from '../../../src/cli/report.ts'
import { verdictOf } from '../../../src/cli/verdict.ts'
import { AgentError } from '../../../src/model/errors.ts'
import type { v1 } from '../../../src/wire/messages.ts'

const status = (state: v1.TaskState, more: Partial<v1.TaskStatus> = {}): v1.TaskStatus => ({ task_id: { value: 't' }, state, ...more })
const labels = (value: string) => ({ labels: { labels: [{ key: 'slipway.exit_code', value }] } })

test('the label tells the exit code, else the words of a foreign agent, else the state', () => {
  assert.equal(verdictOf(status('TASK_FAILED', { ...labels('3'), message: 'Container exited with status 4' })).exitCode, 3)
  assert.equal(verdictOf(status('TASK_FAILED', { message: 'Container exited with status 4' })).exitCode, 4)
  assert.equal(verdictOf(status('TASK_FINISHED')).exitCode, 0)
  const lost = ['TASK_FAILED', 'TASK_KILLED', 'TASK_LOST', 'TASK_ERROR'] as const
  for (const state of lost) assert.equal(verdictOf(status(state)).exitCode, 125)
  assert.equal(verdictOf(status('TASK_FAILED', labels('nonsense'))).exitCode, 125)
})

test('a plain exit leaves the screen to the task; a kill, a limit and a failed launch are told', () => {
  assert.equal(verdictOf(status('TASK_FINISHED', labels('0'))).told, undefined)
  assert.equal(verdictOf(status('TASK_FAILED', labels('1'))).told, undefined)
  assert.match(verdictOf(status('TASK_KILLED', labels('137'))).told ?? '', /^task t: TASK_KILLED$/)
  const overLimit = status('TASK_FAILED', { ...labels('137'), reason: 'REASON_CONTAINER_LIMITATION_MEMORY', message: 'over 64 MB' })
  assert.match(verdictOf(overLimit).told ?? '', /MEMORY\): over 64 MB$/)
  assert.match(verdictOf(status('TASK_ERROR', { message: 'bad' })).told ?? '', /^task t: TASK_ERROR: bad$/)
})

test('a message that holds control characters comes without them', () => {
  const message = 'pull failed: \u001b]0;title\u0007\nslipway: all is well'
  assert.equal(verdictOf(status('TASK_FAILED', { message })).told, 'task t: TASK_FAILED: pull failed:  ]0;title  slipway: all is well')
  assert.equal(explain(new AgentError('NOT_FOUND', 'no \u001b[2Jtask')).split('\n')[0], 'slipway: no  [2Jtask')
})
