import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frameworkFault } from '../../../../src/scheduler/solo/framework-validation.ts'
import { newFramework } from '../../../../src/scheduler/solo/framework.ts'
import { parseResources } from '../../../../src/model/resources-text.ts'
import { taskFault } from '../../../../src/scheduler/solo/task-validation.ts'
import { agentId, task } from '../../../support/solo-door.ts'
import type { v1 } from '../../../../src/wire/messages.ts'

const info = { user: 'u', name: 'n' }
const context = { framework: newFramework('f', info), agentId, offered: parseResources('cpus:2;mem:100;ports:[1-5]'), role: '*' }
const cpus = (value: number, more: object = {}): object => ({ resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value }, ...more }] })
const volume = (more: object): object => ({
  container: { type: 'DOCKER', docker: { image: 'i' }, volumes: [{ mode: 'RW', container_path: '/x', ...more }] },
})
const ports = (value: object): object => ({ resources: [{ name: 'ports', ...value }] })
const docker = (more: object): object => ({ container: { type: 'DOCKER', docker: { image: 'i', ...more } } })
const variables = (...list: object[]): object => ({ command: { environment: { variables: list } } })

const faults: [string, object, RegExp][] = [
  ['an empty id', { task_id: { value: '' } }, /^ID must not be empty$/],
  ['a dot for an id', { task_id: { value: '..' } }, /^'\.\.' is disallowed$/],
  ['a control character in the id', { task_id: { value: 'a\nb' } }, /contains invalid characters/],
  ['an id that is too long for a folder', { task_id: { value: 'x'.repeat(256) } }, /greater than 255/],
  ['another agent', { agent_id: { value: 'other' } }, /^Task uses invalid agent other while agent .* is expected$/],
  ['a negative time to complete', { max_completion_time: { nanoseconds: -1 } }, /'max_completion_time' must be non-negative/],
  ['a negative amount', cpus(-1), /^Task uses invalid resources: -1 is no amount$/],
  ['an amount that is no number', cpus(NaN), /^Task uses invalid resources/],
  ['nothing but zero', cpus(0), /^Task uses no resources$/],
  ['reserved resources', cpus(1, { role: 'web' }), /Reserved resources are not supported/],
  ['persistent volumes', cpus(1, { disk: { persistence: { id: 'x' } } }), /Persistent volumes.*not supported/],
  ['resources of another role', cpus(1, { allocation_info: { role: 'b' } }), /role 'b'/],
  ['a range the wrong way round', ports({ type: 'RANGES', ranges: { range: [{ begin: 5, end: 1 }] } }), /5-1 is no range/],
  ['a kind of resource that the agent has otherwise', ports({ type: 'SCALAR', scalar: { value: 1 } }), /more than available/],
  ['a limit below the request', { ...cpus(1), limits: { cpus: { value: 0.5 } } }, /^The CPU limit must be greater/],
  ['a volume from nowhere', volume({}), /Invalid volume: Only one of them should be set: /],
  ['a volume from two places', volume({ host_path: '/a', source: { type: 'HOST_PATH' } }), /Only one of them/],
  ['a container name of its own', docker({ parameters: [{ key: 'name', value: 'x' }] }), /must not be 'name'/],
  ['a health check of no type', { health_check: {} }, /HealthCheck must specify 'type'/],
  ['a negative delay', { health_check: { type: 'TCP', tcp: { port: 1 }, delay_seconds: -1 } }, /'delay_seconds' to be non-negative/],
  ['a secret variable without a secret', variables({ name: 'S', type: 'SECRET' }), /must have a secret set/],
]

for (const [name, more, expected] of faults) {
  test(`a task with ${name} is refused`, () => {
    assert.match(taskFault(task('t', more) as v1.TaskInfo, context) ?? 'no fault', expected)
  })
}

test('a good task is not refused', () => {
  const endless = { ...cpus(2), limits: { cpus: { value: Infinity } } }
  for (const more of [{}, volume({ host_path: '/a' }), endless, cpus(1, { role: '*', allocation_info: { role: '*' } })]) {
    assert.equal(taskFault(task('t', more) as v1.TaskInfo, context), undefined)
  }
})

const frameworkFaults: [string, Partial<v1.FrameworkInfo>, RegExp][] = [
  ['roles without the capability', { roles: ['a'] }, /'FrameworkInfo.roles' must not be set/],
  ['the same role twice', { roles: ['a', 'a'], capabilities: [{ type: 'MULTI_ROLE' }] }, /duplicate items: a/],
  ['a role with a blank', { role: 'a b' }, /'FrameworkInfo.role' is not a valid role: .*whitespace/],
  ['a role that climbs', { roles: ['a/../b'], capabilities: [{ type: 'MULTI_ROLE' }] }, /contains invalid role: .*'\.\.'/],
  ['a negative failover time', { failover_timeout: -1 }, /failover_timeout \(-1\) is invalid/],
  ['a failover time that is no number', { failover_timeout: NaN }, /is invalid/],
]

for (const [name, more, expected] of frameworkFaults) {
  test(`a framework with ${name} is refused`, () => {
    assert.match(frameworkFault({ ...info, ...more }, []) ?? 'no fault', expected)
  })
}

test('a suppressed role must be one of the roles', () => {
  assert.match(frameworkFault(info, ['x']) ?? '', /'x' is not contained/)
  assert.equal(frameworkFault(info, ['*']), undefined)
})
