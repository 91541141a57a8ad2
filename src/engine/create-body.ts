import type { ContainerCreateOptions, MountSettings } from 'dockerode'
import type { Command, ContainerSpec, Limits, PortMapping, Volume } from '../model/container-spec.ts'
import { cpuShares } from '../model/cpu-shares.ts'

/** How the engine keeps a container's own log: driver `local`, bounded. */
export interface EngineLogLimits { readonly maxSizeBytes: number, readonly maxFiles: number }

/** ContainerSpec → body of POST /containers/create. Pure. `seccompProfile` is JSON; undefined: the engine's own. */
export function createBody (spec: ContainerSpec, log: EngineLogLimits, seccompProfile?: string): ContainerCreateOptions {
  const { config, host } = spec.engineFields ?? { config: {}, host: {} }
  return {
    Image: spec.image,
    ...commandOf(spec.command),
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    Labels: { ...spec.labels },
    // stdout and stderr are what the log pipe attaches to; no stdin, no terminal.
    AttachStdout: true,
    AttachStderr: true,
    ...(spec.hostname !== undefined && { Hostname: spec.hostname }),
    ...(spec.user !== undefined && { User: spec.user }),
    ...exposed(spec.ports),
    ...(spec.terminal === true && { Tty: true }),
    ...aliased(spec),
    ...config,
    HostConfig: {
      NetworkMode: spec.endpoint?.network ?? spec.userNetwork ?? spec.network,
      CpuShares: cpuShares(spec.cpus),
      Memory: spec.memBytes,
      ...limited(spec.memBytes, spec.limits),
      // Mounts, not Binds: a sandbox path may hold ':', Docker's separator.
      Mounts: [{ Type: 'bind', Source: spec.sandbox.hostPath, Target: spec.sandbox.containerPath }, ...(spec.volumes ?? []).map(mountOf)],
      // Of compressed files the engine leaves out some that are newer than it was asked for.
      LogConfig: { Type: 'local', Config: { 'max-size': `${log.maxSizeBytes}`, 'max-file': `${log.maxFiles}`, compress: 'false' } },
      RestartPolicy: { Name: 'no' },
      ...published(spec.ports),
      ...(spec.privileged === true && { Privileged: true }),
      ...host,
      ...(spec.ulimits !== undefined && { Ulimits: [...spec.ulimits] }),
      ...(spec.gpus !== undefined && { DeviceRequests: [gpuRequest(spec.gpus)] }),
      ...capDrop(spec),
      ...secured(spec, seccompProfile),
    },
  }
}

/** As the docker command has it for `--gpus device=…`. */
function gpuRequest (gpus: readonly string[]): object {
  return { Driver: '', Count: 0, DeviceIDs: [...gpus], Capabilities: [['gpu']], Options: {} }
}

function commandOf (command: Command): Pick<ContainerCreateOptions, 'Entrypoint' | 'Cmd'> {
  switch (command.kind) {
    case 'image': return {}
    case 'shell': return { Entrypoint: ['/bin/sh'], Cmd: ['-c', command.line] }
    case 'argv': return { Cmd: [...command.argv] }
  }
}

function aliased ({ endpoint }: ContainerSpec): Pick<ContainerCreateOptions, 'NetworkingConfig'> {
  if (endpoint === undefined || endpoint.aliases.length === 0) return {}
  return { NetworkingConfig: { EndpointsConfig: { [endpoint.network]: { Aliases: [...endpoint.aliases] } } } }
}

/** A task on host networking could forge the packets of every other with some of them; what it was granted by name it keeps. */
function capDrop ({ network, hostNetworkDropCaps = ['NET_RAW'], engineFields }: ContainerSpec): { CapDrop?: string[] } {
  const named = (list: unknown): string[] => list as string[] | undefined ?? []
  const kept = named(engineFields?.host['CapAdd']).map(name => name.replace(/^CAP_/, ''))
  const mine = network === 'host' ? hostNetworkDropCaps.filter(name => !kept.includes(name.toUpperCase().replace(/^CAP_/, ''))) : []
  const drop = [...mine, ...named(engineFields?.host['CapDrop'])]
  return drop.length > 0 ? { CapDrop: drop } : {}
}

/** What the task was granted by name stays; the engine gives a privileged container no profile at all. */
function secured ({ privileged, engineFields }: ContainerSpec, seccompProfile: string | undefined): { SecurityOpt?: string[] } {
  const asked = engineFields?.host['SecurityOpt'] as string[] | undefined ?? []
  if (seccompProfile === undefined || privileged === true || asked.some(option => /^seccomp[=:]/.test(option))) return {}
  return { SecurityOpt: [...asked, `seccomp=${seccompProfile}`] }
}

function limited (memBytes: number, { cpuQuotaMicros, memReservationBytes, oomScoreAdj, swap = 'double', pids = 0 }: Limits = {}): object {
  return {
    ...(cpuQuotaMicros !== undefined && { CpuQuota: cpuQuotaMicros }),
    ...(memReservationBytes !== undefined && { MemoryReservation: memReservationBytes }),
    ...(oomScoreAdj !== undefined && { OomScoreAdj: oomScoreAdj }),
    // Left out, it is twice the memory.
    ...(swap !== 'double' && { MemorySwap: swap === 'none' ? memBytes : -1 }),
    ...(pids > 0 && { PidsLimit: pids }),
  }
}

const engineName = ({ containerPort, protocol }: PortMapping): string => `${containerPort}/${protocol}`

function exposed (ports: readonly PortMapping[] = []): Pick<ContainerCreateOptions, 'ExposedPorts'> {
  return ports.length > 0 ? { ExposedPorts: Object.fromEntries(ports.map(port => [engineName(port), {}])) } : {}
}

function published (ports: readonly PortMapping[] = []): { PortBindings?: Record<string, object[]> } {
  const bindings: Record<string, object[]> = {}
  for (const port of ports) (bindings[engineName(port)] ??= []).push({ HostIp: '', HostPort: `${port.hostPort}` })
  return ports.length > 0 ? { PortBindings: bindings } : {}
}

function mountOf (volume: Volume): MountSettings {
  const target = { Target: volume.containerPath, ...(volume.readOnly && { ReadOnly: true }) }
  if (volume.kind === 'bind') return { Type: 'bind', Source: volume.hostPath, ...target }
  const driver = volume.driver === undefined ? {} : { VolumeOptions: { NoCopy: false, Labels: {}, DriverConfig: { Name: volume.driver, Options: {} } } }
  return { Type: 'volume', Source: volume.name, ...target, ...driver }
}
