import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf } from '../../../src/agent/task-network.ts'
import { makesNetwork, peersOf } from '../../../src/agent/task-peers.ts'
import type { NetworkJoin } from '../../../src/model/container-spec.ts'
import { AgentError } from '../../../src/model/errors.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import { docker, policy, taskInfo } from './task-infos.ts'

const owner = { instanceId: 'i1', frameworkId: '3f6c2b5e-0001-0000' }
const network_infos = [{ name: 'app' }]

function onNetwork (more: Partial<v1.TaskInfo> = {}): v1.TaskInfo {
  return taskInfo({ container: { type: 'DOCKER', docker: { ...docker, network: 'USER' }, network_infos }, ...more })
}

function label (value: string): Partial<v1.TaskInfo> {
  return { labels: { labels: [{ key: 'team', value: 'x' }, { key: 'slipway.alias', value }] } }
}

const discovery = (name: string): Partial<v1.TaskInfo> => ({ discovery: { visibility: 'FRAMEWORK', name } })

interface Around { readonly allowNetworks?: string[], readonly createNetworks?: string[], readonly frameworkId?: string }

function joinOf (task: v1.TaskInfo, { frameworkId, ...settings }: Around = {}): NetworkJoin | undefined {
  const whole = { ...policy, createNetworks: ['app'], ...settings }
  return peersOf(task, networkOf(task, whole), { ...owner, ...(frameworkId !== undefined && { frameworkId }) }, whole).join
}

test('a task is called by its label, else by its DiscoveryInfo, in small letters', () => {
  const named = (task: v1.TaskInfo): string | undefined => joinOf(task)?.alias?.plain
  assert.equal(named(onNetwork()), undefined)
  assert.equal(named(onNetwork(discovery('Web-1'))), 'web-1')
  assert.equal(named(onNetwork({ ...discovery('not a name'), ...label('db') })), 'db')
})

test('a qualified name ends with the framework\'s id, or with a digest of one that cannot be in a name', () => {
  const qualified = (frameworkId: string): string | undefined => joinOf(onNetwork(label('web')), { frameworkId })?.alias?.qualified
  assert.equal(qualified('3f6c2b5e-0001-0000'), 'web.3f6c2b5e-0001-0000')
  assert.equal(qualified('20260101.a-0000'), 'web.20260101.a-0000')
  assert.match(qualified('My_Framework') ?? '', /^web\.f-[0-9a-f]{12}$/)
  assert.notEqual(qualified('My_Framework'), qualified('my_framework'))
})

test('an agent makes networks of the names that its operator gave, and shares those that he allowed', () => {
  assert.match(joinOf(onNetwork())?.own ?? '', /^slipway\.[0-9a-f]{12}\.app$/)
  const ways = [{ createNetworks: [], allowNetworks: ['app'] }, { allowNetworks: ['*'] }, { allowNetworks: [] }]
  const joins = ways.map(way => joinOf(onNetwork(), way))
  assert.deepEqual(joins.map(join => [join?.isShared, join?.own !== undefined]), [[true, false], [true, true], [false, true]])
})

test('frameworks and instances have networks of their own', () => {
  const own = (frameworkId: string, instanceId = 'i1'): string | undefined =>
    peersOf(onNetwork(), { userNetwork: 'app' }, { instanceId, frameworkId }, { ...policy, createNetworks: ['*'] }).join?.own
  assert.equal(own('f1'), own('f1'))
  assert.equal(new Set([own('f1'), own('f2'), own('f1', 'i2')]).size, 3)
})

test('a pattern stands for whole names, and a star for anything', () => {
  const made = (name: string, ...createNetworks: string[]): boolean => makesNetwork(name, { createNetworks })
  assert.deepEqual([made('app'), made('app', 'app'), made('apps', 'app'), made('xapp', 'app')], [false, true, false, false])
  assert.deepEqual([made('team-a', 'team-*'), made('a.b', 'a.b'), made('axb', 'a.b'), made('any', 'x', '**')], [true, true, false, true])
})

const wrong: ReadonlyArray<readonly [alias: Partial<v1.TaskInfo>, field: string]> = [
  ...['', 'a_b', 'a.b', '-a', 'a-', 'ä', 'a b', 'a\0', 'a'.repeat(64)].map(name => [label(name), 'labels.labels[1].value'] as const),
  [discovery('a/b'), 'discovery.name'],
]

for (const [alias, field] of wrong) {
  test(`${JSON.stringify(alias).slice(0, 90)} is refused, naming ${field}`, () => {
    assert.throws(() => joinOf(onNetwork(alias)), error => error instanceof AgentError && error.code === 'SPEC_INVALID' && error.detail['field'] === field)
  })
}

test('off a USER network a DiscoveryInfo is no alias, and an alias is refused', () => {
  const bridged = { container: { type: 'DOCKER', docker: { ...docker, network: 'BRIDGE' } } } as const
  assert.equal(joinOf(taskInfo({ ...bridged, ...discovery('a/b') })), undefined)
  assert.throws(() => joinOf(taskInfo({ ...bridged, ...label('web') })), { code: 'SPEC_INVALID', message: /^labels.labels\[1\].value is a name on a USER network/ })
})

test('a network of a framework\'s own cannot be named', () => {
  const task = taskInfo({ container: { type: 'DOCKER', docker: { ...docker, network: 'USER' }, network_infos: [{ name: 'slipway.000000000000.app' }] } })
  assert.throws(() => joinOf(task, { allowNetworks: ['*'] }), { code: 'SPEC_INVALID' })
})
