import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBody } from '../../../src/engine/create-body.ts'
import type { Command, ContainerSpec, Network } from '../../../src/model/container-spec.ts'

const log = { maxSizeBytes: 1024, maxFiles: 3 }

function specOf (more: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    containerId: 'c1', name: 'mesos-c1', image: 'app:3', forcePull: false, uris: [], command: { kind: 'image' }, environment: {}, network: 'host',
    cpus: 1, memBytes: 64 << 20, sandbox: { hostPath: '/srv/slipway/a:b/c1', containerPath: '/mnt/mesos/sandbox' }, labels: {}, graceMs: 5000, ...more,
  }
}

test('a spec becomes this body, nothing more', () => {
  const body = createBody(specOf({ environment: { A: '1', B: 'x=y' }, labels: { 'slipway.task': 't1' }, network: 'bridge' }), log)
  assert.deepEqual(body, {
    Image: 'app:3',
    Env: ['A=1', 'B=x=y'],
    Labels: { 'slipway.task': 't1' },
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: 'bridge',
      CpuShares: 1024,
      Memory: 64 << 20,
      Mounts: [{ Type: 'bind', Source: '/srv/slipway/a:b/c1', Target: '/mnt/mesos/sandbox' }],
      LogConfig: { Type: 'local', Config: { 'max-size': '1024', 'max-file': '3', 'compress': 'false' } },
      RestartPolicy: { Name: 'no' },
    },
  })
})

test('a terminal, limits of processes and GPUs are asked for as the docker command asks', () => {
  const { Tty, HostConfig } = createBody(specOf({ terminal: true, gpus: ['0', '2'], ulimits: [{ Name: 'core', Soft: 0, Hard: -1 }] }), log)
  assert.equal(Tty, true)
  assert.deepEqual(HostConfig?.Ulimits, [{ Name: 'core', Soft: 0, Hard: -1 }])
  assert.deepEqual(HostConfig.DeviceRequests, [{ Driver: '', Count: 0, DeviceIDs: ['0', '2'], Capabilities: [['gpu']], Options: {} }])
})

const commands: ReadonlyArray<readonly [string, Command, object]> = [
  ['the image\'s own command leaves both to the image', { kind: 'image' }, {}],
  ['a shell line goes to /bin/sh -c over the image\'s ENTRYPOINT', { kind: 'shell', line: 'a "b" $C' }, { Entrypoint: ['/bin/sh'], Cmd: ['-c', 'a "b" $C'] }],
  ['words go behind the image\'s ENTRYPOINT', { kind: 'argv', argv: ['a', '', 'b c'] }, { Cmd: ['a', '', 'b c'] }],
]

for (const [name, command, expected] of commands) {
  test(name, () => {
    const { Entrypoint, Cmd } = createBody(specOf({ command }), log)
    assert.deepEqual({ ...(Entrypoint !== undefined && { Entrypoint }), ...(Cmd !== undefined && { Cmd }) }, expected)
  })
}

const networks: ReadonlyArray<readonly [Network, string, string[] | undefined]> = [
  ['host', 'host', ['NET_RAW']], ['bridge', 'bridge', undefined], ['none', 'none', undefined],
]

for (const [network, mode, dropped] of networks) {
  test(`network ${network} is the engine's mode ${mode}${dropped ? ', without raw sockets' : ''}`, () => {
    const { HostConfig } = createBody(specOf({ network }), log)
    assert.equal(HostConfig?.NetworkMode, mode)
    assert.deepEqual(HostConfig.CapDrop, dropped)
  })
}

for (const [cpus, shares] of [[0, 2], [0.001, 2], [0.1, 102], [0.5, 512], [64, 65536]] as const) {
  test(`${cpus} cpus are ${shares} shares`, () => {
    assert.equal(createBody(specOf({ cpus }), log).HostConfig?.CpuShares, shares)
  })
}

test('the seccomp profile goes with every container but the privileged, and those that were granted another', () => {
  const optionsOf = (more: Partial<ContainerSpec>): string[] | undefined => createBody(specOf(more), log, '{}').HostConfig?.SecurityOpt as string[] | undefined
  const asking = (...SecurityOpt: string[]): Partial<ContainerSpec> => ({ engineFields: { config: {}, host: { SecurityOpt } } })
  assert.deepEqual(optionsOf({}), ['seccomp={}'])
  assert.deepEqual(optionsOf(asking('no-new-privileges')), ['no-new-privileges', 'seccomp={}'])
  assert.deepEqual(optionsOf(asking('seccomp=unconfined')), ['seccomp=unconfined'])
  assert.equal(optionsOf({ privileged: true }), undefined)
})
