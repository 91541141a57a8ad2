import type { Container } from './container.ts'
import type { Image } from './images.ts'

const never = '0001-01-01T00:00:00Z'
const timestamp = (ms: number): string => ms === 0 ? never : new Date(ms).toISOString()

/** What GET /containers/ID/json tells. */
export function inspectDocument (container: Container): object {
  const { id, name, body, argv, imageId, createdMs } = container
  return {
    Id: id,
    Created: timestamp(createdMs),
    Path: argv[0],
    Args: argv.slice(1),
    State: stateDocument(container),
    Image: imageId,
    Name: `/${name}`,
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    HostConfig: body.HostConfig ?? {},
    Mounts: mounts(container),
    Config: { ...body, HostConfig: undefined },
    NetworkSettings: { IPAddress: addressOf(container), Ports: {}, Networks: networks(container) },
  }
}

function stateDocument ({ state, oomKilled, pid, exitCode, error, startedMs, finishedMs }: Container): object {
  return {
    Status: state,
    Running: pid !== 0,
    Paused: false,
    Restarting: false,
    OOMKilled: oomKilled,
    Dead: false,
    Pid: pid,
    ExitCode: exitCode,
    Error: error,
    StartedAt: timestamp(startedMs),
    FinishedAt: timestamp(finishedMs),
  }
}

/** A row of GET /containers/json. */
export function listRow (container: Container): object {
  const { id, name, body, argv, imageId, createdMs, state } = container
  return {
    Id: id,
    Names: [`/${name}`],
    Image: body.Image,
    ImageID: imageId,
    Command: argv.map(word => /\s/.test(word) ? `'${word}'` : word).join(' '),
    Created: Math.floor(createdMs / 1000),
    Ports: [],
    Labels: body.Labels ?? {},
    State: state,
    Status: statusLine(container),
    HostConfig: { NetworkMode: networkOf(container) },
    NetworkSettings: { Networks: networks(container) },
    Mounts: mounts(container),
  }
}

function statusLine ({ state, exitCode }: Container): string {
  const exited = `Exited (${exitCode}) Less than a second ago`
  return { created: 'Created', running: 'Up Less than a second', removing: 'Removal In Progress', exited }[state]
}

const networkOf = ({ body }: Container): string => body.HostConfig?.NetworkMode ?? 'default'

function networks (container: Container): Record<string, { IPAddress: string }> {
  const mode = networkOf(container)
  return { [mode === 'default' ? 'bridge' : mode]: { IPAddress: addressOf(container) } }
}

/** An address of the default bridge while it runs there; made from the pid, so that two that run differ. */
function addressOf (container: Container): string {
  const isBridged = ['default', 'bridge'].includes(networkOf(container))
  return isBridged && container.pid !== 0 ? `172.17.${(container.pid >> 8) & 255}.${container.pid & 255}` : ''
}

function mounts ({ body }: Container): object[] {
  return (body.HostConfig?.Mounts ?? []).map(({ Type, Source, Target }) => ({ Type, Source, Destination: Target, Mode: '', RW: true }))
}

export function imageDocument (name: string, { id, createdMs, entrypoint, cmd }: Image): object {
  return {
    Id: id,
    RepoTags: [name],
    RepoDigests: [],
    Created: timestamp(createdMs),
    Config: { Entrypoint: entrypoint, Cmd: cmd, Env: null },
    Os: 'linux',
    Architecture: 'amd64',
    Size: 1,
  }
}
