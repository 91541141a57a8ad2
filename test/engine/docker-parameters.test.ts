import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { parametersOf, supportedParameters } from '../../src/agent/docker-parameters.ts'
import { needsEngine } from '../support/requires.ts'
import { startRecordingProxy, type RecordingProxy } from '../support/recording-proxy.ts'
import { policy } from '../unit/agent/task-infos.ts'

type Words = ReadonlyArray<readonly [key: string, value: string]>
type Body = Record<string, unknown> & { HostConfig: Record<string, unknown> }

const all = {
  ...policy, allowCapabilities: ['ALL'], allowDevices: ['/dev'], allowRuntimes: ['runc'], allowHostNamespaces: true,
  allowSecurityOptions: true, allowResourceParameters: true,
}

const one = (key: string, ...values: string[]): Words => values.map(value => [key, value] as const)

/** One row an option at least, and those that have to do with each other. */
const rows: readonly Words[] = [
  one('add-host', 'db:10.0.0.1', 'six=::1'), one('add-host', 'gate:host-gateway'),
  one('cap-add', 'NET_ADMIN', 'cap_sys_time'), one('cap-add', 'all', 'CHOWN'), one('cap-drop', 'chown', 'CAP_KILL', 'CHOWN'), one('cap-drop', 'ALL', 'KILL'),
  [...one('cap-add', 'CHOWN'), ...one('cap-drop', 'CHOWN', 'KILL')], [...one('cap-add', 'CHOWN'), ...one('cap-drop', 'ALL')],
  [...one('cap-add', 'ALL'), ...one('cap-drop', 'KILL')],
  one('cgroupns', 'private'), one('cpu-period', '50000'), one('cpu-quota', '20000'), one('cpuset-cpus', '0,1'), one('cpuset-mems', '0'),
  one('device', '/dev/null', '/dev/zero:/dev/nothing', '/dev/full:r', '/dev/full:/dev/f:rw'),
  one('dns', '10.0.0.53', '::1'), one('dns-opt', 'ndots:2'), one('dns-option', 'ndots:2', 'rotate'), one('dns-search', 'example.org', 'a.b'),
  one('domainname', 'example.org'), one('entrypoint', '/bin/x'), one('env', 'A=1', 'B=', 'C=x=y'), one('group-add', 'audio', '1000'),
  one('hostname', 'web'), one('init', 'true'), one('init', '0'), one('ipc', 'host'), one('ipc', 'shareable'), one('ipc', 'none'),
  one('label', 'team=x', 'bare', 'a=b=c'), one('memory-swap', '1g'), one('memory-swap', '-1'), one('memory-swappiness', '10'),
  one('no-healthcheck', 'true'), one('oom-score-adj', '100'), one('oom-score-adj', '-5'),
  one('pid', 'host'), one('pids-limit', '100'), one('pids-limit', '-1'),
  one('read-only', 'true'), one('runtime', 'runc'), one('security-opt', 'no-new-privileges'),
  one('security-opt', 'no-new-privileges:true', 'seccomp=unconfined'),
  one('security-opt', 'apparmor=unconfined', 'label=disable'), one('shm-size', '128m'), one('shm-size', '1GiB'),
  one('sysctl', 'net.core.somaxconn=1024', 'kernel.msgmax=1'),
  one('tmpfs', '/run', '/tmp:rw,size=64m'), one('ulimit', 'nofile=1024:2048'), one('ulimit', 'core=0'), one('ulimit', 'memlock=-1:-1'),
  one('user', 'nobody'), one('user', '1000:1000'), one('userns', 'host'), one('uts', 'host'), one('workdir', '/tmp'),
  one('workdir', '/a', '/b'), [...one('read-only', 'true'), ...one('tmpfs', '/run'), ...one('init', 'true')],
]

const { socket, skip } = needsEngine()
const run = promisify(execFile)
let proxy: RecordingProxy
let folder: string
let plain: Body

before(async () => {
  if (skip !== false) return
  proxy = await startRecordingProxy(socket)
  folder = await mkdtemp(join(tmpdir(), 'slipway-cli-'))
  plain = await dockerCreate([])
})

after(async () => {
  if (skip !== false) return
  await proxy[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** The body that the docker command makes of these options. */
async function dockerCreate (words: Words): Promise<Body> {
  const flags = words.map(([key, value]) => `--${key}=${value}`)
  const env = { PATH: process.env['PATH'], DOCKER_HOST: proxy.host, DOCKER_CONFIG: folder }
  await run('docker', ['create', '--pull=never', ...flags, 'busybox:latest'], { env, timeout: 20_000 })
  return proxy.creates.at(-1) as Body
}

/** What differs from the body without options. */
function added (body: Record<string, unknown>, from: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => name !== 'HostConfig' && JSON.stringify(value) !== JSON.stringify(from[name])))
}

/** Where a map was walked in no order, any is right. */
function sorted (fields: Record<string, unknown>): Record<string, unknown> {
  const order = (value: unknown): unknown => Array.isArray(value) ? value.map(part => JSON.stringify(part)).sort() : value
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, order(value)]))
}

for (const words of rows) {
  test(`the docker command makes the same of ${words.map(([key, value]) => `--${key}=${value}`).join(' ')}`, { skip }, async () => {
    const recorded = await dockerCreate(words)
    const asked = parametersOf(words.map(([key, value]) => ({ key, value })), all)
    const env = Object.entries(asked.environment).map(([name, value]) => `${name}=${value}`)
    const config = {
      ...asked.config,
      ...(env.length > 0 && { Env: env }),
      ...(Object.keys(asked.labels).length > 0 && { Labels: asked.labels }),
    }
    assert.deepEqual(sorted(added(config, plain)), sorted(added(recorded, plain)))
    assert.deepEqual(sorted(added(asked.host, plain.HostConfig)), sorted(added(recorded.HostConfig, plain.HostConfig)))
  })
}

test('every parameter that is supported has been compared', () => {
  assert.deepEqual(supportedParameters.filter(key => !rows.some(words => words.some(([name]) => name === key))), [])
})
