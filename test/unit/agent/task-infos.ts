import type { Policy } from '../../../src/agent/policy.ts'
import type { SpecSettings } from '../../../src/agent/task-to-spec.ts'
import type { v1 } from '../../../src/wire/messages.ts'

/** As the settings have it by default. */
export const policy: Policy = {
  alwaysPull: false, createNetworks: [],
  defaultNetwork: 'host', allowNetworks: ['host', 'bridge', 'none'], hostNetworkDropCaps: ['NET_RAW'], dockerUser: true, memorySwap: 'double',
  allowUsers: ['*'], pidsLimit: 4096, cgroupsEnableCfs: false, allowHostPaths: [], allowVolumeDrivers: ['local'], allowPrivileged: false, allowCapabilities: [],
  allowDevices: [], allowRuntimes: [], allowHostNamespaces: false, allowSecurityOptions: false, allowResourceParameters: false, allowParameters: ['*'],
}

export const settings: SpecSettings = {
  instanceId: 'i1', namePrefix: 'mesos-', sandboxDirectory: '/mnt/mesos/sandbox', defaultGraceMs: 5_000, policy,
  sandboxPath: (...ids) => `/srv/slipway/${ids.join('/')}`,
}

export const docker = { image: 'app:3' } satisfies v1.ContainerInfo_DockerInfo

/** The least that makes a container, and what the test adds to it. */
export function taskInfo (more: Partial<v1.TaskInfo> = {}): v1.TaskInfo {
  return {
    name: 'n', task_id: { value: 't1' }, agent_id: { value: 'S0' },
    resources: [scalar('cpus', 0.5), scalar('mem', 64)],
    command: { value: 'sleep 1' },
    container: { type: 'DOCKER', docker },
    ...more,
  }
}

/** A task whose container has these fields besides. */
export function withContainer (more: Partial<v1.ContainerInfo>): v1.TaskInfo {
  return taskInfo({ container: { type: 'DOCKER', docker, ...more } })
}

export function withDocker (more: Partial<v1.ContainerInfo_DockerInfo>): v1.TaskInfo {
  return withContainer({ docker: { ...docker, ...more } })
}

export function withVariables (...variables: v1.Environment_Variable[]): v1.TaskInfo {
  return taskInfo({ command: { value: 'true', environment: { variables } } })
}

export function scalar (name: string, value: number): v1.Resource {
  return { name, type: 'SCALAR', scalar: { value }, allocation_info: { role: 'web' } }
}
