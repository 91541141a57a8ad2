import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { taskToSpec } from '../../../src/agent/task-to-spec.ts'
import { createBody } from '../../../src/engine/create-body.ts'
import { parseJson } from '../../../src/wire/json.ts'
import { policy, settings } from './task-infos.ts'

type Fields = Record<string, unknown>
interface Recording { task_info: unknown, inspect_running: { Config: Fields, HostConfig: Fields, Mounts: Fields[] } | null, statuses: Array<{ state: string }> }

/** As permissive as Mesos is, and with its ways where ours are others. */
const permissive = {
  ...settings,
  policy: {
    ...policy, allowNetworks: ['host', 'bridge', 'none', '*'], allowHostPaths: ['/'],
    allowPrivileged: true, allowCapabilities: ['ALL'], dockerUser: false,
  },
}

const folder = join('test', 'golden', 'docker')
const hostFields: Fields = {
  CpuShares: 0, CpuQuota: 0, Memory: 0, MemoryReservation: 0, PortBindings: {}, OomScoreAdj: 0, Privileged: false,
  CapAdd: null, Ulimits: [],
}

function sortedEnv (list: unknown): unknown {
  return (list as string[]).filter(line => !line.startsWith('MESOS_CONTAINER_NAME=')).sort()
}

for (const file of readdirSync(folder).filter(name => name.endsWith('.json'))) {
  const recording = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recording
  const toSpec = (): ReturnType<typeof taskToSpec> => taskToSpec(parseJson('v1.TaskInfo', recording.task_info), 'f1', 'c1', permissive)
  const inspected = recording.inspect_running

  if (inspected !== null) {
    test(`${file} asks the engine for what Mesos asked`, () => {
      const { HostConfig: host = {}, ...config } = createBody(toSpec(), { maxSizeBytes: 1, maxFiles: 1 }) as Fields & { HostConfig?: Fields }
      const told = Object.fromEntries(Object.entries(hostFields).map(([name, absent]) => [name, weighed(name, host[name] ?? absent)]))
      assert.deepEqual(told, Object.fromEntries(Object.keys(hostFields).map(name => [name, weighed(name, inspected.HostConfig[name])])))
      assert.equal(host['NetworkMode'], inspected.HostConfig['NetworkMode'])
      for (const name of ['Cmd', 'Entrypoint', 'Hostname', 'User', 'WorkingDir', 'ExposedPorts']) {
        if (config[name] !== undefined) assert.deepEqual(config[name], inspected.Config[name], name)
      }
      assert.deepEqual(mountsOf(host['Mounts'] as Fields[]), inspected.Mounts.map(({ Type, Destination, RW }) => [Type, Destination, RW]).sort())
      const ownEnv = sortedEnv(config['Env']) as string[]
      const recordedEnv = sortedEnv(inspected.Config['Env']) as string[]
      for (const line of ownEnv) assert.ok(recordedEnv.includes(line), line)
    })
  } else if (recording.statuses.every(({ state }) => state !== 'TASK_RUNNING') && /^(11|17|19b|24)_/.test(file)) {
    test(`${file} is refused, as Mesos refuses it`, () => { assert.throws(toSpec, { code: 'SPEC_INVALID' }) })
  }
}

/** A score that is weighed by the host's memory is another on every host. */
function weighed (name: string, value: unknown): unknown {
  return name === 'OomScoreAdj' && Number(value) > 900 ? 'high' : value
}

function mountsOf (mounts: Fields[]): unknown[] {
  return mounts.map(({ Type, Target, ReadOnly }) => [Type, Target, ReadOnly !== true]).sort()
}
