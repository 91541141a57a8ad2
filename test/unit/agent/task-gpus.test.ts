import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gpusOf } from '../../../src/agent/task-gpus.ts'
import { scalar, taskInfo } from './task-infos.ts'

test('a task gets the lowest GPUs that no other has', () => {
  const task = taskInfo({ resources: [scalar('gpus', 1), scalar('cpus', 1), scalar('gpus', 1)] })
  assert.deepEqual(gpusOf(task, []), { gpus: ['0', '1'] })
  assert.deepEqual(gpusOf(task, ['1', '3', '0']), { gpus: ['2', '4'] })
  assert.deepEqual(gpusOf(taskInfo(), ['0']), {})
})

for (const count of [0.5, -1, NaN, Infinity, 1e9]) {
  test(`${count} GPUs are refused`, () => {
    assert.throws(() => gpusOf(taskInfo({ resources: [scalar('gpus', count)] }), []), { code: 'SPEC_INVALID', detail: { field: 'resources: gpus' } })
  })
}
