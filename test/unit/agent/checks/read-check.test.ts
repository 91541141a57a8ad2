import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readChecks } from '../../../../src/agent/checks/read-check.ts'
import type { AgentError } from '../../../../src/model/errors.ts'
import type { v1 } from '../../../../src/wire/messages.ts'
import { taskInfo, withDocker } from '../task-infos.ts'

const command = { value: 'true' }
const target = { kind: 'COMMAND', argv: ['/bin/sh', '-c', 'true'], environment: {} } as const

test('a task without checks has none', () => {
  assert.deepEqual(readChecks(taskInfo()), { health: undefined, check: undefined })
})

test('what a check does not name is as Mesos has it', () => {
  const times = { delayMs: 15_000, intervalMs: 10_000, timeoutMs: 20_000 }
  const { health, check } = readChecks(taskInfo({ health_check: { type: 'COMMAND', command }, check: { type: 'COMMAND', command: { command } } }))
  assert.deepEqual(health, { target, ...times, graceMs: 10_000, maxFailures: 3 })
  assert.deepEqual(check, { target, ...times })
})

test('what a check names is taken; a time-out of 0 is none, and bounded', () => {
  const { health } = readChecks(taskInfo({
    health_check: {
      type: 'HTTP', http: { port: 80, scheme: 'https', path: '/x?y' }, delay_seconds: 0, interval_seconds: 0.5, timeout_seconds: 0,
      grace_period_seconds: 1, consecutive_failures: 0,
    },
  }))
  assert.deepEqual(health, {
    target: { kind: 'HTTP', port: 80, scheme: 'https', path: '/x?y', family: 'IPv4' },
    delayMs: 0, intervalMs: 500, timeoutMs: 600_000, graceMs: 1000, maxFailures: 0,
  })
})

test('a command without a shell is its words, with its environment', () => {
  const words = { shell: false, value: 'test', arguments: ['-e', '/x'], environment: { variables: [{ name: 'A', value: 'b=c' }] } }
  const { check } = readChecks(taskInfo({ check: { type: 'COMMAND', command: { command: words } } }))
  assert.deepEqual(check?.target, { kind: 'COMMAND', argv: ['test', '-e', '/x'], environment: { A: 'b=c' } })
})

const health = (more: Partial<v1.HealthCheck>): v1.TaskInfo => taskInfo({ health_check: { type: 'HTTP', http: { port: 80 }, ...more } })
const check = (more: v1.CheckInfo): v1.TaskInfo => taskInfo({ check: more })
const withVariable = (variable: v1.Environment_Variable): v1.TaskInfo =>
  health({ type: 'COMMAND', command: { ...command, environment: { variables: [variable] } } })
const onNetwork = (network: v1.ContainerInfo_DockerInfo_Network, health_check: v1.HealthCheck): v1.TaskInfo => ({ ...withDocker({ network }), health_check })

const refused: ReadonlyArray<readonly [field: string, info: v1.TaskInfo]> = [
  ['health_check.type', health({ type: undefined })],
  ['health_check.type', health({ type: 'UNKNOWN' })],
  ['health_check.http', health({ http: undefined })],
  ['health_check.tcp', health({ type: 'TCP' })],
  ['health_check.command', health({ type: 'COMMAND' })],
  ['health_check.command.value', health({ type: 'COMMAND', command: {} })],
  ['health_check.command.value', health({ type: 'COMMAND', command: { shell: false } })],
  ['health_check.command', health({ type: 'COMMAND', command: { value: 'a\0b' } })],
  ['health_check.command.user', health({ type: 'COMMAND', command: { ...command, user: 'nobody' } })],
  ['health_check.command.environment.variables[0]', withVariable({ name: 'A=B', value: '' })],
  ['health_check.command.environment.variables[0]', withVariable({ name: 'A', type: 'SECRET' })],
  ['health_check.http.port', health({ http: { port: 0 } })],
  ['health_check.http.port', health({ http: { port: 65_536 } })],
  ['health_check.http.path', health({ http: { port: 80, path: 'x' } })],
  ['health_check.http.path', health({ http: { port: 80, path: '/a b' } })],
  ['health_check.http.scheme', health({ http: { port: 80, scheme: 'ftp' } })],
  ['health_check.delay_seconds', health({ delay_seconds: -1 })],
  ['health_check.interval_seconds', health({ interval_seconds: NaN })],
  ['health_check.timeout_seconds', health({ timeout_seconds: -0.1 })],
  ['health_check.grace_period_seconds', health({ grace_period_seconds: -1 })],
  ['health_check.http.scheme', onNetwork('NONE', { type: 'HTTP', http: { port: 80, scheme: 'https' } })],
  ['health_check.http.scheme', onNetwork('BRIDGE', { type: 'HTTP', http: { port: 80, protocol: 'IPv6', scheme: 'https' } })],
  ['check.type', check({})],
  ['check.command.command', check({ type: 'COMMAND' })],
  ['check.http.port', check({ type: 'HTTP', http: { port: 70_000 } })],
  ['check.tcp', check({ type: 'TCP' })],
  ['check.delay_seconds', check({ type: 'TCP', tcp: { port: 1 }, delay_seconds: -1 })],
]

for (const [at, [field, info]] of refused.entries()) {
  test(`a check that cannot be is refused and names ${field} (${at})`, () => {
    assert.throws(() => readChecks(info), (error: AgentError) => {
      assert.ok(['SPEC_INVALID', 'NOT_SUPPORTED'].includes(error.code))
      assert.deepEqual(error.detail, { field })
      return true
    })
  })
}
