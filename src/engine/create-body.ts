import type { ContainerCreateOptions } from 'dockerode'
import type { Command, ContainerSpec } from '../model/container-spec.ts'
import { cpuShares } from '../model/cpu-shares.ts'

/** How the engine keeps a container's own log: driver `local`, bounded. */
export interface EngineLogLimits { readonly maxSizeBytes: number, readonly maxFiles: number }

/** ContainerSpec → body of POST /containers/create. Pure. */
export function createBody (spec: ContainerSpec, log: EngineLogLimits): ContainerCreateOptions {
  return {
    Image: spec.image,
    ...commandOf(spec.command),
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    Labels: { ...spec.labels },
    // stdout and stderr are what the log pipe attaches to; no stdin, no terminal.
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: spec.network === 'bridge' ? 'default' : spec.network,
      CpuShares: cpuShares(spec.cpus),
      Memory: spec.memBytes,
      // Mounts, not Binds: a sandbox path may hold ':', Docker's separator.
      Mounts: [{ Type: 'bind', Source: spec.sandbox.hostPath, Target: spec.sandbox.containerPath }],
      LogConfig: { Type: 'local', Config: { 'max-size': `${log.maxSizeBytes}`, 'max-file': `${log.maxFiles}` } },
      RestartPolicy: { Name: 'no' },
      // A task on host networking could forge packets of every other with it.
      ...(spec.network === 'host' ? { CapDrop: ['NET_RAW'] } : {}),
    },
  }
}

function commandOf (command: Command): Pick<ContainerCreateOptions, 'Entrypoint' | 'Cmd'> {
  switch (command.kind) {
    case 'image': return {}
    case 'shell': return { Entrypoint: ['/bin/sh'], Cmd: ['-c', command.line] }
    case 'argv': return { Cmd: [...command.argv] }
  }
}
