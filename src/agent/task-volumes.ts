import { posix } from 'node:path'
import type { Volume } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import { flagOf } from '../model/settings.ts'
import type { v1 } from '../wire/messages.ts'
import { invalid, noNul, notAllowed, type Policy } from './policy.ts'

export interface SandboxPlaces { readonly hostPath: string, readonly containerPath: string }

const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/

/** The volumes of a task. Whether the host's real paths are allowed is found out where they are looked at: in stage prepare. */
export function volumesOf (container: v1.ContainerInfo | undefined, sandbox: SandboxPlaces, policy: Policy): Volume[] {
  const { volumes = [], docker } = container ?? {}
  if (docker?.volume_driver !== undefined && volumes.length === 0) throw invalid('container.docker.volume_driver', 'is set, and there is no volume')
  const seen = new Map([[posix.normalize(sandbox.containerPath), 'the sandbox']])
  return volumes.map((volume, at) => {
    const field = `container.volumes[${at}]`
    const containerPath = containerPathOf(volume, field, sandbox)
    const other = seen.get(containerPath)
    if (other !== undefined) throw invalid(`${field}.container_path`, `${containerPath} is where ${other} is mounted`)
    seen.set(containerPath, field)
    const target = { containerPath, readOnly: volume.mode === 'RO', field }
    return { ...target, ...sourceOf(volume, field, { sandbox, policy, driver: docker?.volume_driver }) }
  })
}

interface Around { readonly sandbox: SandboxPlaces, readonly policy: Policy, readonly driver: string | undefined }
type Source =
  | Pick<Extract<Volume, { kind: 'bind' }>, 'kind' | 'hostPath' | 'within' | 'allowedBy'>
  | Pick<Extract<Volume, { kind: 'named' }>, 'kind' | 'name' | 'driver'>

function sourceOf (volume: v1.Volume, field: string, around: Around): Source {
  const { host_path: hostPath, source, image } = volume
  if (image !== undefined) throw unsupported(`${field}.image`)
  if (source !== undefined && source.type !== 'DOCKER_VOLUME') throw unsupported(`${field}.source of type ${source.type}`)
  if (source?.docker_volume !== undefined) return dockerVolume(source.docker_volume, `${field}.source.docker_volume`, around)
  if (hostPath === undefined || source !== undefined) throw invalid(field, 'needs a host_path or a source')
  const pathField = `${field}.host_path`
  noNul(hostPath, pathField)
  if (posix.isAbsolute(hostPath)) {
    return { kind: 'bind', hostPath: posix.normalize(hostPath), within: around.policy.allowHostPaths, allowedBy: flagOf('allowHostPaths') }
  }
  if (around.driver !== undefined) return named(hostPath, around.driver, { nameField: pathField, driverField: 'container.docker.volume_driver' }, around.policy)
  if (!posix.isAbsolute(volume.container_path)) throw invalid(pathField, 'and container_path are both relative')
  const inSandbox = inside(around.sandbox.hostPath, hostPath, pathField)
  return { kind: 'bind', hostPath: inSandbox, within: [around.sandbox.hostPath] }
}

function dockerVolume ({ name, driver, driver_options: options }: v1.Volume_Source_DockerVolume, field: string, around: Around): Source {
  if ((options?.parameter ?? []).length > 0) throw unsupported(`${field}.driver_options`)
  if (driver !== undefined && around.driver !== undefined && driver !== around.driver) {
    throw invalid(`${field}.driver`, `is ${driver}, and container.docker.volume_driver is ${around.driver}`)
  }
  return named(name, driver ?? around.driver, { nameField: `${field}.name`, driverField: `${field}.driver` }, around.policy)
}

function named (name: string, driver: string | undefined, { nameField, driverField }: { nameField: string, driverField: string }, policy: Policy): Source {
  if (!volumeName.test(name)) throw invalid(nameField, 'is no volume\'s name')
  const used = driver ?? 'local'
  if (!policy.allowVolumeDrivers.includes(used)) throw notAllowed(`${driverField}: the driver ${used}`, 'allowVolumeDrivers', { field: driverField })
  return { kind: 'named', name, driver }
}

/** Where in the container a volume is to be; a relative path is in the sandbox. */
export function containerPathOf ({ container_path: path }: v1.Volume, field: string, { containerPath }: SandboxPlaces): string {
  const pathField = `${field}.container_path`
  noNul(path, pathField)
  if (path === '') throw invalid(pathField, 'is empty')
  const whole = posix.isAbsolute(path) ? posix.resolve(path) : inside(containerPath, path, pathField)
  if (whole === '/') throw invalid(pathField, 'cannot be the root of the container')
  return whole
}

function inside (folder: string, path: string, field: string): string {
  const whole = posix.resolve(folder, path)
  if (!whole.startsWith(`${posix.resolve(folder)}/`)) throw invalid(field, 'leads out of the sandbox')
  return whole
}

function unsupported (field: string): AgentError {
  return new AgentError('NOT_SUPPORTED', `${field} is not supported by this version`, { field })
}
