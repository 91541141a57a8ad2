import assert from 'node:assert/strict'
import { test } from 'node:test'
import { volumesOf } from '../../../src/agent/task-volumes.ts'
import { AgentError, type ErrorCode } from '../../../src/model/errors.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import { docker, policy } from './task-infos.ts'

const sandbox = { hostPath: '/srv/a:b/c1', containerPath: '/mnt/mesos/sandbox' }
const rules = { ...policy, allowHostPaths: ['/srv/data'], allowVolumeDrivers: ['local', 'nfs'] }

function volumes (list: v1.Volume[], driver?: string): ReturnType<typeof volumesOf> {
  return volumesOf({ type: 'DOCKER', docker: { ...docker, volume_driver: driver }, volumes: list }, sandbox, rules)
}

const from = (container_path: string, host_path: string, mode: v1.Volume_Mode = 'RW'): v1.Volume => ({ container_path, host_path, mode })
const named = (name: string, driver?: string): v1.Volume =>
  ({ container_path: '/v', mode: 'RW', source: { type: 'DOCKER_VOLUME', docker_volume: { name, driver } } })

test('an absolute host path is for stage prepare to look at', () => {
  assert.deepEqual(volumes([from('/ro', '/srv/data/../data/x', 'RO')]), [{
    kind: 'bind', containerPath: '/ro', readOnly: true, field: 'container.volumes[0]',
    hostPath: '/srv/data/x', within: ['/srv/data'], allowedBy: '--allow-host-paths',
  }])
})

test('a relative host path is in the sandbox, and needs no policy', () => {
  const [volume] = volumes([from('/rel', 'relative/dir')])
  assert.deepEqual(volume, {
    kind: 'bind', containerPath: '/rel', readOnly: false, field: 'container.volumes[0]', hostPath: '/srv/a:b/c1/relative/dir', within: ['/srv/a:b/c1'],
  })
})

test('a relative container path is in the sandbox', () => {
  assert.equal(volumes([from('data', '/srv/data')])[0]?.containerPath, '/mnt/mesos/sandbox/data')
})

test('a volume of the engine has a name, and a driver if it says so', () => {
  const told = (list: v1.Volume[], driver?: string): unknown[] => volumes(list, driver).map(volume => volume.kind === 'named' && [volume.name, volume.driver])
  assert.deepEqual(told([named('vol')]), [['vol', undefined]])
  assert.deepEqual(told([named('vol', 'nfs')]), [['vol', 'nfs']])
  assert.deepEqual(told([named('vol')], 'nfs'), [['vol', 'nfs']])
  assert.deepEqual(told([from('/v', 'vol')], 'nfs'), [['vol', 'nfs']])
})

const first = 'container.volumes[0]'
const wrong: ReadonlyArray<readonly [string, () => unknown, ErrorCode, string]> = [
  ['no source', () => volumes([{ container_path: '/a', mode: 'RW' }]), 'SPEC_INVALID', first],
  ['two relative paths', () => volumes([from('a', 'b')]), 'SPEC_INVALID', `${first}.host_path`],
  ['a path out of the sandbox', () => volumes([from('/a', 'b/../../c')]), 'SPEC_INVALID', `${first}.host_path`],
  ['the sandbox itself', () => volumes([from('/a', '.')]), 'SPEC_INVALID', `${first}.host_path`],
  ['a container path out of the sandbox', () => volumes([from('../a', '/srv/data')]), 'SPEC_INVALID', `${first}.container_path`],
  ['the root', () => volumes([from('/a/..', '/srv/data')]), 'SPEC_INVALID', `${first}.container_path`],
  ['an empty container path', () => volumes([from('', '/srv/data')]), 'SPEC_INVALID', `${first}.container_path`],
  ['a place taken', () => volumes([from('/a', '/srv/data'), from('/a/', '/srv/data')]), 'SPEC_INVALID', 'container.volumes[1].container_path'],
  ['the place of the sandbox', () => volumes([from('/mnt/mesos/sandbox', '/srv/data')]), 'SPEC_INVALID', `${first}.container_path`],
  ['a NUL', () => volumes([from('/a', '/srv\0')]), 'SPEC_INVALID', `${first}.host_path`],
  ['a path as a volume\'s name', () => volumes([named('/etc')]), 'SPEC_INVALID', `${first}.source.docker_volume.name`],
  ['two drivers', () => volumes([named('v', 'local')], 'nfs'), 'SPEC_INVALID', `${first}.source.docker_volume.driver`],
  ['a driver for nothing', () => volumes([], 'nfs'), 'SPEC_INVALID', 'container.docker.volume_driver'],
  ['a driver that is not allowed', () => volumes([named('vol', 'cloud')]), 'NOT_ALLOWED', `${first}.source.docker_volume.driver`],
  ['an image', () => volumes([{ container_path: '/a', mode: 'RO', image: { type: 'DOCKER' } }]), 'NOT_SUPPORTED', `${first}.image`],
  ['another source', () => volumes([{ container_path: '/a', mode: 'RO', source: { type: 'SECRET' } }]), 'NOT_SUPPORTED', `${first}.source of type SECRET`],
]

for (const [name, act, code, field] of wrong) {
  test(`a volume with ${name} is refused, naming ${field}`, () => {
    assert.throws(act, error => error instanceof AgentError && error.code === code && error.detail['field'] === field)
  })
}
