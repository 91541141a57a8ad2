import assert from 'node:assert/strict'
import { test } from 'node:test'
import { taskToSpec } from '../../../src/agent/task-to-spec.ts'
import { unsupportedField } from '../../../src/agent/unsupported.ts'
import type { AgentError } from '../../../src/model/errors.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import { scalar, settings, taskInfo, withContainer, withVariables } from './task-infos.ts'

const asking: Readonly<Record<string, v1.TaskInfo>> = {
  'command.environment: variables of type SECRET': withVariables({ name: 'A', type: 'SECRET', secret: { type: 'VALUE', value: { data: Buffer.from('x') } } }),
  'container.network_infos': withContainer({ network_infos: [{ name: 'n' }] }),
  'container.linux_info': withContainer({ linux_info: {} }),
  'container.rlimit_info': withContainer({ rlimit_info: {} }),
  'container.tty_info': withContainer({ tty_info: {} }),
  'resources: gpus': taskInfo({ resources: [scalar('gpus', 1)] }),
}

for (const [field, info] of Object.entries(asking)) {
  test(`a task that asks for ${field} is refused by that name`, () => {
    assert.equal(unsupportedField(info), field)
    assert.throws(() => taskToSpec(info, 'f1', 'c1', settings), (error: AgentError) => {
      assert.deepEqual([error.code, error.detail], ['NOT_SUPPORTED', { field }])
      assert.equal(error.message, `${field} is not supported by this version`)
      return true
    })
  })
}

test('what asks for nothing is no reason to refuse', () => {
  const info = taskInfo({
    command: { value: 'true', uris: [], environment: { variables: [{ name: 'A', type: 'VALUE', value: '' }] } },
    container: {
      type: 'DOCKER', volumes: [], network_infos: [],
      docker: { image: 'a', privileged: false, port_mappings: [], parameters: [], network: 'HOST' },
    },
    resources: [scalar('gpus', 0)], limits: {}, labels: { labels: [] }, discovery: { visibility: 'CLUSTER' },
  })
  assert.equal(unsupportedField(info), undefined)
})
