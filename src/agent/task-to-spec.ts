import { labels, type Command, type ContainerSpec, type Network } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import { parseImage } from '../model/image-reference.ts'
import type { FetchUri } from '../model/uri.ts'
import type { v1 } from '../wire/messages.ts'
import { unsupportedField } from './unsupported.ts'

export interface SpecSettings {
  readonly instanceId: string
  readonly namePrefix: string
  /** Where the container finds its sandbox. */
  readonly sandboxDirectory: string
  readonly defaultGraceMs: number
  sandboxPath (frameworkId: string, executorId: string, containerId: string): string
}

const minMemBytes = 32 << 20
const networkNames: Readonly<Record<Exclude<v1.ContainerInfo_DockerInfo_Network, 'USER'>, Network>> = { HOST: 'host', BRIDGE: 'bridge', NONE: 'none' }

/** TaskInfo → ContainerSpec. Pure. Throws SPEC_INVALID or NOT_SUPPORTED, naming the field. */
export function taskToSpec (task: v1.TaskInfo, frameworkId: string, containerId: string, settings: SpecSettings): ContainerSpec {
  const field = unsupportedField(task)
  if (field !== undefined) throw new AgentError('NOT_SUPPORTED', `${field} is not supported by this version`, { field })
  const docker = dockerOf(task.container)
  const taskId = pathSegment(task.task_id.value, 'task_id.value')
  const name = settings.namePrefix + containerId
  return {
    containerId,
    name,
    image: imageOf(docker),
    forcePull: docker.force_pull_image ?? false,
    uris: urisOf(task.command),
    command: commandOf(task.command ?? {}),
    environment: {
      ...environmentOf(task.command),
      MESOS_SANDBOX: settings.sandboxDirectory,
      MESOS_CONTAINER_NAME: name,
      ...roleOf(task),
    },
    network: networkOf(docker),
    cpus: scalarOf(task, 'cpus'),
    memBytes: Math.max(minMemBytes, Math.floor(scalarOf(task, 'mem')) * (1 << 20)),
    sandbox: {
      hostPath: settings.sandboxPath(pathSegment(frameworkId, 'framework_id.value'), taskId, containerId),
      containerPath: settings.sandboxDirectory,
    },
    labels: {
      [labels.agent]: settings.instanceId,
      [labels.container]: containerId,
      [labels.task]: taskId,
      [labels.framework]: frameworkId,
      [labels.executor]: taskId,
    },
    graceMs: graceMs(task.kill_policy) ?? settings.defaultGraceMs,
  }
}

/** Milliseconds of a kill policy; undefined where it names none. */
export function graceMs (policy: v1.KillPolicy | undefined): number | undefined {
  if (policy?.grace_period === undefined) return undefined
  const ms = Number(policy.grace_period.nanoseconds) / 1e6
  // A timer takes 31 bits of milliseconds; nobody means more than 24 days.
  return Math.min(Math.max(0, ms), 2 ** 31 - 1)
}

function invalid (field: string, why: string): AgentError {
  return new AgentError('SPEC_INVALID', `${field} ${why}`, { field })
}

function dockerOf (container: v1.ContainerInfo | undefined): v1.ContainerInfo_DockerInfo {
  if (container === undefined) throw invalid('container', 'is missing: this agent runs tasks in Docker containers only')
  if (container.type !== 'DOCKER') throw invalid('container.type', `is ${container.type}: this agent runs DOCKER containers only`)
  if (container.docker === undefined) throw invalid('container.docker', 'is missing')
  return container.docker
}

function imageOf ({ image }: v1.ContainerInfo_DockerInfo): string {
  try {
    parseImage(image)
    return image
  } catch (cause) {
    throw AgentError.wrap(cause, 'container.docker.image', { field: 'container.docker.image' })
  }
}

function networkOf ({ network = 'HOST' }: v1.ContainerInfo_DockerInfo): Network {
  if (network === 'USER') throw invalid('container.docker.network', 'USER is not supported by this version')
  return networkNames[network]
}

/** As Mesos has it: a shell line overrides the image's ENTRYPOINT; words go behind it; nothing at all is the image's own command. */
function commandOf ({ shell = true, value, arguments: words = [] }: v1.CommandInfo): Command {
  for (const [at, word] of words.entries()) noNul(word, `command.arguments[${at}]`)
  if (value !== undefined) noNul(value, 'command.value')
  if (shell && value === undefined) throw invalid('command.value', 'is missing: command.shell is true, and there is no line for the shell')
  if (shell) return { kind: 'shell', line: value ?? '' }
  const argv = value === undefined ? words : [value, ...words]
  return argv.length === 0 ? { kind: 'image' } : { kind: 'argv', argv }
}

function urisOf (command: v1.CommandInfo | undefined): FetchUri[] {
  return (command?.uris ?? []).map(({ value, executable = false, extract = true, output_file: outputFile }) => ({ value, executable, extract, outputFile }))
}

function environmentOf (command: v1.CommandInfo | undefined): Record<string, string> {
  const environment: Array<[string, string]> = []
  for (const [at, { name, value = '' }] of (command?.environment?.variables ?? []).entries()) {
    const field = `command.environment.variables[${at}]`
    if (name === '' || name.includes('=')) throw invalid(`${field}.name`, 'must not be empty or hold a \'=\'')
    noNul(name, `${field}.name`)
    noNul(value, `${field}.value`)
    environment.push([name, value])
  }
  return Object.fromEntries(environment.sort(([a], [b]) => a < b ? -1 : 1))
}

function roleOf ({ resources = [] }: v1.TaskInfo): Record<string, string> {
  const role = resources[0]?.allocation_info?.role
  if (role !== undefined) noNul(role, 'resources[0].allocation_info.role')
  return role === undefined ? {} : { MESOS_ALLOCATION_ROLE: role }
}

function scalarOf ({ resources = [] }: v1.TaskInfo, name: string): number {
  const amount = resources.filter(resource => resource.name === name).reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0)
  // The engine takes what is no number for "no limit".
  if (!Number.isSafeInteger(Math.ceil(amount * (1 << 20))) || amount < 0) throw invalid(`resources: ${name}`, `of ${amount} is no amount`)
  return amount
}

/** An id that becomes a folder's name. */
function pathSegment (id: string, field: string): string {
  if (id === '' || id === '.' || id === '..' || /[/\u0000-\u001f\u007f]/.test(id)) throw invalid(field, 'cannot be a folder\'s name')
  if (Buffer.byteLength(id) > 255) throw invalid(field, 'is longer than the 255 bytes that a folder\'s name may have')
  return id
}

function noNul (text: string, field: string): void {
  if (text.includes('\0')) throw invalid(field, 'holds a NUL character')
}
