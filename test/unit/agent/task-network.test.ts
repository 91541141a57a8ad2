import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf } from '../../../src/agent/task-network.ts'
import { AgentError } from '../../../src/model/errors.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import { docker, policy, scalar, taskInfo } from './task-infos.ts'

type Docker = Partial<v1.ContainerInfo_DockerInfo>

const ports: v1.Resource = { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31010, end: 31011 }, { begin: 31012, end: 31012 }] } }

function task (more: Docker, container: Partial<v1.ContainerInfo> = {}): v1.TaskInfo {
  return taskInfo({ resources: [scalar('cpus', 1), ports], container: { type: 'DOCKER', docker: { ...docker, ...more }, ...container } })
}

const any = { ...policy, allowNetworks: ['host', 'bridge', 'none', '*'] }
const mapping = (host_port: number, container_port = 80, protocol?: string):
v1.ContainerInfo_DockerInfo_PortMapping => ({ host_port, container_port, protocol })

test('port mappings are tcp unless they say otherwise, in upper or lower case', () => {
  const port_mappings = [mapping(31010), mapping(31010, 53, 'UDP'), mapping(31012, 81, 'tcp')]
  const { ports } = networkOf(task({ network: 'BRIDGE', port_mappings }), policy)
  assert.deepEqual(ports, [
    { hostPort: 31010, containerPort: 80, protocol: 'tcp' }, { hostPort: 31010, containerPort: 53, protocol: 'udp' },
    { hostPort: 31012, containerPort: 81, protocol: 'tcp' },
  ])
})

test('a task that names no network gets the default one', () => {
  assert.equal(networkOf(task({}), policy).network, 'host')
  assert.equal(networkOf(task({}), { ...policy, defaultNetwork: 'none' }).network, 'none')
})

test('a network of the engine is allowed by its name, or all are', () => {
  const named = task({ network: 'USER' }, { network_infos: [{ name: 'back' }] })
  for (const allowNetworks of [['back'], ['*']]) {
    assert.deepEqual(networkOf(named, { ...policy, allowNetworks }), { network: 'user', userNetwork: 'back' })
  }
  assert.throws(() => networkOf(named, policy), { code: 'NOT_ALLOWED', message: /the network back is not allowed; --allow-networks would allow it/ })
})

test('a network that the operator left out is refused, the default one as well', () => {
  const policyOf = (allowNetworks: string[]): typeof policy => ({ ...policy, allowNetworks })
  for (const info of [task({}), task({ network: 'HOST' })]) assert.throws(() => networkOf(info, policyOf(['bridge', '*'])), { code: 'NOT_ALLOWED' })
})

test('a container that has a network of its own may have a name there', () => {
  assert.equal(networkOf(task({ network: 'BRIDGE' }, { hostname: 'web' }), policy).hostname, 'web')
})

const wrong: ReadonlyArray<readonly [string, v1.TaskInfo, string]> = [
  ['ports on the host\'s network', task({ network: 'HOST', port_mappings: [mapping(31010)] }), 'container.docker.port_mappings'],
  ['ports without a network', task({ network: 'NONE', port_mappings: [mapping(31010)] }), 'container.docker.port_mappings'],
  ['a port that the task does not have', task({ network: 'BRIDGE', port_mappings: [mapping(31010), mapping(31013)] }),
    'container.docker.port_mappings[1].host_port'],
  ['a port mapped twice', task({ network: 'BRIDGE', port_mappings: [mapping(31010), mapping(31010, 81)] }), 'container.docker.port_mappings[1].host_port'],
  ['host port 0', task({ network: 'BRIDGE', port_mappings: [mapping(0)] }), 'container.docker.port_mappings[0].host_port'],
  ['container port 65536', task({ network: 'BRIDGE', port_mappings: [mapping(31010, 65536)] }), 'container.docker.port_mappings[0].container_port'],
  ['another protocol', task({ network: 'BRIDGE', port_mappings: [mapping(31010, 80, 'sctp')] }), 'container.docker.port_mappings[0].protocol'],
  ['a name on the host\'s network', task({ network: 'HOST' }, { hostname: 'web' }), 'container.hostname'],
  ['an empty name', task({ network: 'BRIDGE' }, { hostname: '' }), 'container.hostname'],
  ['a user network without a name', task({ network: 'USER' }), 'container.network_infos'],
  ['a user network with an unnamed info', task({ network: 'USER' }, { network_infos: [{}] }), 'container.network_infos[0].name'],
  ['the network of another container', task({ network: 'USER' }, { network_infos: [{ name: 'container:x' }] }), 'container.network_infos[0].name'],
  ['the host\'s network under the name of a user network', task({ network: 'USER' }, { network_infos: [{ name: 'host' }] }), 'container.network_infos[0].name'],
  ['two networks', task({ network: 'USER' }, { network_infos: [{ name: 'a' }, { name: 'b' }] }), 'container.network_infos[1]'],
]

for (const [name, info, field] of wrong) {
  test(`${name} is refused, naming ${field}`, () => {
    assert.throws(() => networkOf(info, any), error => error instanceof AgentError && error.code === 'SPEC_INVALID' && error.detail['field'] === field)
  })
}
