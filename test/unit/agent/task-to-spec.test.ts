import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { graceMs, taskToSpec } from '../../../src/agent/task-to-spec.ts'
import type { Command, ContainerSpec, Network } from '../../../src/model/container-spec.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { parseJson } from '../../../src/wire/json.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import { scalar, settings, taskInfo, withContainer, withDocker, withVariables } from './task-infos.ts'

const specOf = (info: v1.TaskInfo, frameworkId = 'f1'): ContainerSpec => taskToSpec(info, frameworkId, 'c1', settings)

test('a task becomes this spec', () => {
  assert.deepEqual(specOf(taskInfo()), {
    containerId: 'c1', name: 'mesos-c1', image: 'app:3', forcePull: false, uris: [],
    command: { kind: 'shell', line: 'sleep 1' },
    environment: { MESOS_SANDBOX: '/mnt/mesos/sandbox', MESOS_CONTAINER_NAME: 'mesos-c1', MESOS_ALLOCATION_ROLE: 'web' },
    network: 'host', hostNetworkDropCaps: ['NET_RAW'], cpus: 0.5, memBytes: 64 << 20, limits: { swap: 'double', pids: 4096 },
    volumes: [], engineFields: { config: {}, host: {} },
    sandbox: { hostPath: '/srv/slipway/f1/t1/c1', containerPath: '/mnt/mesos/sandbox' },
    labels: { 'slipway.agent': 'i1', 'slipway.container': 'c1', 'slipway.task': 't1', 'slipway.framework': 'f1', 'slipway.executor': 't1' },
    graceMs: 5_000,
  })
})

const commands: ReadonlyArray<readonly [string, v1.CommandInfo | undefined, Command]> = [
  ['a value is a line for the shell', { value: 'a b' }, { kind: 'shell', line: 'a b' }],
  ['a value with shell true is a line for the shell', { shell: true, value: '' }, { kind: 'shell', line: '' }],
  ['arguments beside a line for the shell are left out, as Mesos does', { value: 'a', arguments: ['b'] }, { kind: 'shell', line: 'a' }],
  ['a value without shell is the first word', { shell: false, value: 'a' }, { kind: 'argv', argv: ['a'] }],
  ['arguments follow the value', { shell: false, value: 'a', arguments: ['', 'b c'] }, { kind: 'argv', argv: ['a', '', 'b c'] }],
  ['arguments alone are words for the image\'s ENTRYPOINT', { shell: false, arguments: ['b'] }, { kind: 'argv', argv: ['b'] }],
  ['neither is the image\'s own command', { shell: false }, { kind: 'image' }],
]

for (const [name, command, expected] of commands) {
  test(name, () => { assert.deepEqual(specOf(taskInfo({ command })).command, expected) })
}

const networks: ReadonlyArray<readonly [v1.ContainerInfo_DockerInfo_Network | undefined, Network]> = [
  ['HOST', 'host'], ['BRIDGE', 'bridge'], ['NONE', 'none'], [undefined, 'host'],
]

for (const [network, expected] of networks) {
  test(`network ${String(network)} is ${expected}`, () => { assert.equal(specOf(withDocker({ network })).network, expected) })
}

test('of one variable told twice the later one holds', () => {
  const variables = [{ name: 'B', value: '1' }, { name: 'A', value: '1' }, { name: 'B', value: '2' }, { name: 'A' }, { name: 'B', value: '3' }]
  const { environment } = specOf(withVariables(...variables))
  assert.deepEqual([environment['A'], environment['B']], ['', '3'])
})

test('what Mesos tells a task cannot be told otherwise by it', () => {
  const { environment } = specOf(withVariables({ name: 'MESOS_SANDBOX', value: '/' }, { name: 'MESOS_CONTAINER_NAME', value: 'x' }))
  assert.equal(environment['MESOS_SANDBOX'], '/mnt/mesos/sandbox')
  assert.equal(environment['MESOS_CONTAINER_NAME'], 'mesos-c1')
})

test('a variable may have any name that the system allows', () => {
  const { environment } = specOf(withVariables({ name: '__proto__', value: 'x' }, { name: 'ä b', value: '=' }))
  assert.deepEqual(Object.entries(environment).slice(0, 2), [['__proto__', 'x'], ['ä b', '=']])
})

for (const [mem, megabytes] of [[0, 32], [1, 32], [32, 32], [33.9, 33], [4096, 4096]] as const) {
  test(`${mem} MB of memory are a limit of ${megabytes} MB`, () => {
    assert.equal(specOf(taskInfo({ resources: [scalar('mem', mem)] })).memBytes, megabytes * 2 ** 20)
  })
}

test('a resource told in parts adds up', () => {
  const { cpus, memBytes } = specOf(taskInfo({ resources: [scalar('cpus', 1), scalar('mem', 32), scalar('cpus', 0.5), scalar('mem', 32)] }))
  assert.deepEqual([cpus, memBytes], [1.5, 64 << 20])
})

for (const value of [NaN, Infinity, 1e300, -1]) {
  for (const name of ['cpus', 'mem']) {
    test(`${name} of ${value} is no amount`, () => {
      assert.throws(() => specOf(taskInfo({ resources: [scalar(name, value)] })), { code: 'SPEC_INVALID' })
    })
  }
}

test('files to fetch are extracted and not made executable, unless told otherwise', () => {
  const uris = [{ value: 'http://host/a.tgz' }, { value: '/srv/b', executable: true, extract: false, output_file: 'c' }]
  assert.deepEqual(specOf(taskInfo({ command: { value: 'true', uris } })).uris, [
    { value: 'http://host/a.tgz', executable: false, extract: true, cache: false, outputFile: undefined, field: 'command.uris[0]' },
    { value: '/srv/b', executable: true, extract: false, cache: false, outputFile: 'c', field: 'command.uris[1]' },
  ])
})

test('a pull can be forced', () => {
  assert.equal(specOf(withDocker({ force_pull_image: true })).forcePull, true)
})

for (const [nanoseconds, ms] of [[3_000_000_000, 3_000], [0, 0], [-5, 0], [10n ** 18n, 2 ** 31 - 1], [1_500_000, 1.5]] as const) {
  test(`a grace of ${nanoseconds} ns is ${ms} ms`, () => {
    assert.equal(specOf(taskInfo({ kill_policy: { grace_period: { nanoseconds } } })).graceMs, ms)
  })
}

test('a kill policy without a grace leaves the default', () => {
  assert.equal(graceMs({}), undefined)
  assert.equal(specOf(taskInfo({ kill_policy: {} })).graceMs, 5_000)
})

const refused: ReadonlyArray<readonly [string, v1.TaskInfo, string]> = [
  ['no container', taskInfo({ container: undefined }), 'container'],
  ['a container of another kind', withContainer({ type: 'MESOS', docker: undefined }), 'container.type'],
  ['no docker', withContainer({ docker: undefined }), 'container.docker'],
  ['a bad image', withDocker({ image: 'App?' }), 'container.docker.image'],
  ['no line for the shell', taskInfo({ command: {} }), 'command.value'],
  ['no command', taskInfo({ command: undefined }), 'command.value'],
  ['a NUL in the line', taskInfo({ command: { value: 'a\0' } }), 'command.value'],
  ['a NUL in a word', taskInfo({ command: { shell: false, arguments: ['a', '\0'] } }), 'command.arguments[1]'],
  ['a variable without a name', withVariables({ name: '' }), 'command.environment.variables[0].name'],
  ['a variable with = in its name', withVariables({ name: 'ok' }, { name: 'a=b' }), 'command.environment.variables[1].name'],
  ['a NUL in a name', withVariables({ name: 'a\0' }), 'command.environment.variables[0].name'],
  ['a NUL in a value', withVariables({ name: 'a', value: '\0' }), 'command.environment.variables[0].value'],
]

for (const [name, info, field] of refused) {
  test(`${name} is refused, naming ${field}`, () => {
    assert.throws(() => specOf(info), error => error instanceof AgentError && error.code === 'SPEC_INVALID' && error.detail['field'] === field)
  })
}

for (const id of ['', '.', '..', 'a/b', '../x', 'a\0', 'a\n', 'a\x7f', 'ä'.repeat(128)]) {
  test(`the id ${JSON.stringify(id.slice(0, 20))} can be no folder`, () => {
    const fieldOf = (field: string) => (error: unknown) => error instanceof AgentError && error.code === 'SPEC_INVALID' && error.detail['field'] === field
    assert.throws(() => specOf(taskInfo({ task_id: { value: id } })), fieldOf('task_id.value'))
    assert.throws(() => specOf(taskInfo(), id), fieldOf('framework_id.value'))
  })
}

/** A task in JSON with all that a framework may write there; some of it is taken out or put somewhere else. */
const whole = {
  name: 'n', task_id: { value: 't1' }, agent_id: { value: 'S0' },
  resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.5 }, allocation_info: { role: '*' } }, { name: 'mem', type: 'SCALAR', scalar: { value: 64 } }],
  command: { shell: true, value: 'true', arguments: ['a'], environment: { variables: [{ name: 'A', value: '1', type: 'VALUE' }] } },
  container: { type: 'DOCKER', docker: { image: 'app:3', network: 'BRIDGE', privileged: false, force_pull_image: true } },
  kill_policy: { grace_period: { nanoseconds: 1 } }, labels: { labels: [{ key: 'a', value: 'b' }] }, limits: {},
}

const odd = fc.oneof(fc.jsonValue(), fc.constantFrom('\0', '__proto__', '../..', 1e308, -1, 'USER', 'MESOS', 'NaN', [], {}))

function mutated (value: unknown, path: readonly number[], replacement: unknown): unknown {
  if (path.length === 0 || typeof value !== 'object' || value === null) return replacement
  const entries = Object.entries(value) as Array<[string, unknown]>
  const at = (path[0] ?? 0) % (entries.length + 1)
  if (at === entries.length) return Array.isArray(value) ? [...value as unknown[], replacement] : Object.fromEntries(entries.slice(1))
  const changed = entries.map(([key, part], index) => [key, index === at ? mutated(part, path.slice(1), replacement) : part] as const)
  return Array.isArray(value) ? changed.map(([, part]) => part) : Object.fromEntries(changed)
}

test('whatever a framework writes is a spec that can be printed, or an AgentError', () => {
  fc.assert(fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }), odd, fc.string(), (path, replacement, frameworkId) => {
    try {
      const spec = specOf(parseJson('v1.TaskInfo', mutated(whole, path, replacement)), frameworkId)
      assert.ok(Number.isFinite(spec.cpus) && Number.isFinite(spec.memBytes) && Number.isFinite(spec.graceMs))
      assert.match(spec.network, /^(host|bridge|none|user)$/)
      assert.ok(!JSON.stringify({ ...spec, uris: [] }).includes('\\u0000'))
    } catch (error) {
      assert.ok(error instanceof AgentError && error.code !== 'INTERNAL', String(error))
    }
  }), { numRuns: 3000 })
})
