import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastWord } from '../../../src/agent/last-word.ts'
import type { Task } from '../../../src/agent/task.ts'
import type { Termination } from '../../../src/containerizer/container.ts'
import { AgentError } from '../../../src/model/errors.ts'

type Judged = Parameters<typeof lastWord>[0]

const task = (more: Partial<Task> = {}): Judged =>
  ({ killedFor: undefined, hasOverrun: false, isUnhealthy: false, container: { limits: { memBytes: 64 << 20 } } as Task['container'], ...more })
const ended = (more: Partial<Termination> = {}): Termination => ({ exitCode: 137, oomKilled: false, error: undefined, mayStillRun: false, ...more })

test('out of memory is FAILED with its own reason, the limit, and how it ended', () => {
  const word = lastWord(task(), ended({ oomKilled: true }))
  assert.deepEqual([word.state, word.reason, word.source], ['TASK_FAILED', 'REASON_CONTAINER_LIMITATION_MEMORY', 'SOURCE_AGENT'])
  assert.equal(word.message, 'Memory limit exceeded: the kernel killed a process of the container, which used all of its limit of 64 MB. ' +
    'Container exited with status 137 (SIGKILL)')
  assert.deepEqual(word.limitation, { resources: [{ name: 'mem', type: 'SCALAR', scalar: { value: 64 } }] })
  assert.deepEqual(word.labels?.labels, [{ key: 'slipway.exit_code', value: '137' }])
})

test('a task that finished or was killed is not FAILED because a process of it once ran out of memory', () => {
  assert.equal(lastWord(task(), ended({ oomKilled: true, exitCode: 0 })).state, 'TASK_FINISHED')
  assert.deepEqual(lastWord(task({ killedFor: 'killed' }), ended({ oomKilled: true })).reason, undefined)
})

test('one that used up its time is FAILED for that, however it ended', () => {
  for (const exitCode of [0, 137]) {
    const word = lastWord(task({ killedFor: 'it reached its max_completion_time of 1 s', hasOverrun: true }), ended({ exitCode, oomKilled: true }))
    assert.deepEqual([word.state, word.reason], ['TASK_FAILED', 'REASON_MAX_COMPLETION_TIME_REACHED'])
    assert.match(word.message ?? '', /; it reached its max_completion_time of 1 s$/)
  }
})

test('one that may still run says so, whatever its end was asked for', () => {
  const word = lastWord(task({ killedFor: 'late', hasOverrun: true }), ended({ mayStillRun: true, error: new AgentError('MAY_STILL_RUN', 'hung') }))
  assert.deepEqual([word.state, word.reason], ['TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED'])
})

test('one that was killed for its health is KILLED and not healthy', () => {
  const word = lastWord(task({ killedFor: 'its health check failed once: no', isUnhealthy: true }), ended())
  assert.deepEqual([word.state, word.healthy, word.reason], ['TASK_KILLED', false, undefined])
})
