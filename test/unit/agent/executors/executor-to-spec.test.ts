import assert from 'node:assert/strict'
import { test } from 'node:test'
import { executorToSpec } from '../../../../src/agent/executors/executor-to-spec.ts'
import type { AgentError } from '../../../../src/model/errors.ts'
import type { v1 } from '../../../../src/wire/messages.ts'
import { docker, scalar, settings } from '../task-infos.ts'

const forExecutors = { ...settings, socketFolder: '/srv/slipway/door' }

function specOf (more: Partial<v1.ExecutorInfo>): ReturnType<typeof executorToSpec> {
  const info: v1.ExecutorInfo = { executor_id: { value: 'e1' }, command: { value: 'run' }, container: { type: 'DOCKER', docker }, ...more }
  return executorToSpec({ info, resources: [scalar('cpus', 0.1), scalar('cpus', 0.5), scalar('mem', 64)], frameworkId: 'f1', containerId: 'c1' }, forExecutors)
}

test('an executor becomes the container of a task that is described alike, under its own id', () => {
  const { labels, sandbox, cpus, memBytes, command, volumes } = specOf({})
  assert.deepEqual(labels, { 'slipway.agent': 'i1', 'slipway.container': 'c1', 'slipway.framework': 'f1', 'slipway.executor': 'e1' })
  assert.equal(sandbox.hostPath, '/srv/slipway/f1/e1/c1')
  assert.deepEqual([cpus, memBytes, command, volumes], [0.6, 64 << 20, { kind: 'shell', line: 'run' }, []])
})

test('off the host\'s network it sees the folder of the agent\'s socket, and cannot write there', () => {
  for (const network of ['BRIDGE', 'NONE'] as const) {
    const [volume] = specOf({ container: { type: 'DOCKER', docker: { ...docker, network } } }).volumes ?? []
    assert.deepEqual(volume, {
      kind: 'bind', hostPath: '/srv/slipway/door', containerPath: '/mnt/mesos/agent', within: ['/srv/slipway/door'], readOnly: true, field: 'executor',
    })
  }
})

const volume = { mode: 'RW', container_path: '/mnt/mesos/agent', source: { type: 'DOCKER_VOLUME', docker_volume: { name: 'vol' } } } satisfies v1.Volume
const wrong: Readonly<Record<string, Partial<v1.ExecutorInfo>>> = {
  'executor.container': { container: undefined },
  'executor.container.type': { container: { type: 'MESOS' } },
  'executor.container.docker.image': { container: { type: 'DOCKER', docker: { image: 'NOT AN IMAGE' } } },
  'executor.command.value': { command: {} },
  'executor.executor_id.value': { executor_id: { value: '..' } },
  'executor.command.environment: variables of type SECRET': {
    command: { value: 'x', environment: { variables: [{ name: 'A', type: 'SECRET', secret: { type: 'VALUE', value: { data: Buffer.from('x') } } }] } },
  },
  'executor.container.volumes[0].container_path': { container: { type: 'DOCKER', volumes: [volume], docker: { ...docker, network: 'BRIDGE' } } },
}

for (const [field, more] of Object.entries(wrong)) {
  test(`what cannot be in an executor is told by its field: ${field}`, () => {
    assert.throws(() => specOf(more), (error: AgentError) => {
      assert.equal(error.detail['field'], field)
      assert.ok(error.message.startsWith(field), error.message)
      return true
    })
  })
}
