import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parametersOf } from '../../../src/agent/docker-parameters.ts'
import { taskToSpec } from '../../../src/agent/task-to-spec.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { policy, settings, taskInfo, withDocker } from './task-infos.ts'

const asked = (key: string, value: string, more: Partial<typeof policy> = {}): ReturnType<typeof parametersOf> =>
  parametersOf([{ key: 'init', value: 'true' }, { key, value }], { ...policy, ...more })

for (const key of ['name', 'restart', 'rm', 'detach', 'cidfile', 'log-driver', 'log-opt', 'volumes-from', 'cgroup-parent', 'memory', 'privileged', 'gpus']) {
  test(`the parameter ${key} is refused whatever the policy`, () => {
    assert.throws(() => asked(key, 'true'), error => error instanceof AgentError && error.code === 'SPEC_INVALID' &&
      error.detail['field'] === 'container.docker.parameters[1]' && error.cause instanceof Error && error.cause.message.includes(`parameter ${key} `))
  })
}

for (const key of ['no-such', '', '__proto__', 'constructor', 'e', '--env', 'Env']) {
  test(`the unknown parameter ${JSON.stringify(key)} is refused by name`, () => {
    assert.throws(() => asked(key, 'x'), error => error instanceof AgentError && error.code === 'NOT_SUPPORTED' &&
      error.cause instanceof Error && error.cause.message.includes(JSON.stringify(key)))
  })
}

const gated: ReadonlyArray<readonly [key: string, value: string, flag: string, allowing: Partial<typeof policy>]> = [
  ['cap-add', 'NET_ADMIN', '--allow-capabilities', { allowCapabilities: ['net_admin'] }],
  ['cap-add', 'SYS_TIME', '--allow-capabilities', { allowCapabilities: ['ALL'] }],
  ['cgroupns', 'host', '--allow-host-namespaces', { allowHostNamespaces: true }],
  ['cpuset-cpus', '0', '--allow-resource-parameters', { allowResourceParameters: true }],
  ['device', '/dev/dri/card0', '--allow-devices', { allowDevices: ['/dev/dri'] }],
  ['device', '/dev/dri/../null', '--allow-devices', { allowDevices: ['/dev/null'] }],
  ['ipc', 'host', '--allow-host-namespaces', { allowHostNamespaces: true }],
  ['oom-score-adj', '-1', '--allow-resource-parameters', { allowResourceParameters: true }],
  ['pids-limit', '4097', '--allow-resource-parameters', { allowResourceParameters: true }],
  ['pids-limit', '-1', '--allow-resource-parameters', { pidsLimit: 0 }],
  ['runtime', 'kata', '--allow-runtimes', { allowRuntimes: ['kata'] }],
  ['security-opt', 'seccomp=unconfined', '--allow-security-options', { allowSecurityOptions: true }],
]

for (const [key, value, flag, allowing] of gated) {
  test(`${key} ${value} is refused, naming ${flag}, and allowed by ${JSON.stringify(allowing)}`, () => {
    assert.throws(() => asked(key, value), error => error instanceof AgentError && error.code === 'NOT_ALLOWED' &&
      error.cause instanceof Error && error.cause.message.includes(flag))
    asked(key, value, allowing)
  })
}

test('a device beside the folder that is allowed is not in it', () => {
  for (const device of ['/dev/dri2', '/dev/dri/../sda']) assert.throws(() => asked('device', device, { allowDevices: ['/dev/dri'] }), { code: 'NOT_ALLOWED' })
})

test('the operator can name the parameters that tasks may use', () => {
  asked('user', 'x', { allowParameters: ['init', 'user'] })
  assert.throws(() => asked('user', 'x', { allowParameters: ['init'] }), { code: 'NOT_ALLOWED' })
})

const wrong: ReadonlyArray<readonly [key: string, value: string]> = [
  ['add-host', 'db'], ['add-host', 'db:x'], ['cap-add', ''], ['cgroupns', 'x'], ['device', 'dev/null'], ['device', '/dev/null:/x:y'], ['device', '/a:/b:rr'],
  ['dns', 'x'], ['dns-search', '.'], ['env', 'A'], ['env', '=x'], ['env', 'A=\0'], ['group-add', ''],
  ['init', 'yes'], ['ipc', 'container:x'], ['label', 'slipway.agent=x'], ['label', '=x'],
  ['oom-score-adj', '1001'], ['pid', 'container:x'], ['pids-limit', '1.5'], ['security-opt', 'seccomp=/etc/shadow'], ['shm-size', '-1'],
  ['sysctl', '=1'], ['tmpfs', 'run'],
  ['ulimit', 'nofile'], ['ulimit', 'nofile=2:1'], ['ulimit', 'x=1'], ['userns', 'private'], ['workdir', 'tmp'], ['user', ''],
]

for (const [key, value] of wrong) {
  test(`${key} ${JSON.stringify(value)} is refused, naming the field`, () => {
    assert.throws(() => asked(key, value, { allowCapabilities: ['ALL'], allowDevices: ['/'] }), error =>
      error instanceof AgentError && error.code === 'SPEC_INVALID' && error.detail['field'] === 'container.docker.parameters[1]')
  })
}

test('a value that is wrong is not told: it may be a secret', () => {
  assert.throws(() => asked('env', 'hunter2'), error => error instanceof AgentError && !error.message.includes('hunter2'))
})

test('variables of parameters come after those of the command and before the agent\'s own', () => {
  const variables = [{ name: 'A', value: 'command' }]
  const parameters = [['env', 'A=parameter'], ['env', 'MESOS_SANDBOX=/x'], ['label', 'team=x']].map(([key = '', value = '']) => ({ key, value }))
  const { environment, labels } = taskToSpec(
    { ...withDocker({ parameters }), command: { value: 'true', environment: { variables } } }, 'f1', 'c1', settings)
  assert.deepEqual([environment['A'], environment['MESOS_SANDBOX']], ['parameter', '/mnt/mesos/sandbox'])
  assert.equal(labels['team'], 'x')
})

test('a user is the command\'s unless a parameter names one; the operator can have it passed over', () => {
  const command = { value: 'id', user: 'nobody' }
  const parameters = [{ key: 'user', value: '1000' }]
  const userOf = (more: Partial<typeof policy>, ...list: typeof parameters): string | undefined =>
    taskToSpec({ ...withDocker({ parameters: list }), command }, 'f1', 'c1', { ...settings, policy: { ...policy, ...more } }).user
  assert.deepEqual([userOf({}), userOf({}, ...parameters), userOf({ dockerUser: false })], ['nobody', '1000', undefined])
  assert.equal(taskToSpec(taskInfo(), 'f1', 'c1', settings).user, undefined)
})

test('a privileged task needs the operator\'s leave', () => {
  const info = withDocker({ privileged: true })
  assert.throws(() => taskToSpec(info, 'f1', 'c1', settings), { code: 'NOT_ALLOWED', message: /--allow-privileged/ })
  assert.equal(taskToSpec(info, 'f1', 'c1', { ...settings, policy: { ...policy, allowPrivileged: true } }).privileged, true)
})
