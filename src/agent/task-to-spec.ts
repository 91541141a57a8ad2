import { labels, type Command, type ContainerSpec } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import { parseImage } from '../model/image-reference.ts'
import type { FetchUri } from '../model/uri.ts'
import type { v1 } from '../wire/messages.ts'
import { parametersOf } from './docker-parameters.ts'
import type { Ulimit } from './parameter-values.ts'
import { invalid, noNul, notAllowed, type Policy } from './policy.ts'
import { persistentVolumes, together } from './reserved/persistent-volumes.ts'
import { gpusOf } from './task-gpus.ts'
import { limitsOf } from './task-limits.ts'
import { networkOf } from './task-network.ts'
import { peersOf } from './task-peers.ts'
import { ulimitsOf } from './task-ulimits.ts'
import { userOf } from './task-user.ts'
import { volumesOf } from './task-volumes.ts'
import { unsupportedField } from './unsupported.ts'

export interface SpecSettings {
  readonly instanceId: string
  readonly namePrefix: string
  /** Where the container finds its sandbox. */
  readonly sandboxDirectory: string
  readonly defaultGraceMs: number
  readonly policy: Policy
  sandboxPath (frameworkId: string, executorId: string, containerId: string): string
  /** Holds the data of persistent volumes; without one there are none. */
  readonly workDir?: string | undefined
  /** GPUs that other tasks have. */
  readonly gpusInUse?: Iterable<string>
}

/** TaskInfo → ContainerSpec. Pure. Throws SPEC_INVALID, NOT_ALLOWED or NOT_SUPPORTED, naming the field. */
export function taskToSpec (task: v1.TaskInfo, frameworkId: string, containerId: string, settings: SpecSettings): ContainerSpec {
  const field = unsupportedField(task)
  if (field !== undefined) throw new AgentError('NOT_SUPPORTED', `${field} is not supported by this version`, { field })
  const docker = dockerOf(task.container)
  const taskId = pathSegment(task.task_id.value, 'task_id.value')
  const name = settings.namePrefix + containerId
  const { policy } = settings
  const sandbox = {
    hostPath: settings.sandboxPath(pathSegment(frameworkId, 'framework_id.value'), taskId, containerId),
    containerPath: settings.sandboxDirectory,
  }
  const network = networkOf(task, policy)
  const { environment, labels: moreLabels, config, host } = parametersOf(docker.parameters, policy)
  return {
    containerId,
    name,
    image: imageOf(docker),
    forcePull: policy.alwaysPull || (docker.force_pull_image ?? false),
    uris: urisOf(task.command),
    command: commandOf(task.command ?? {}),
    environment: {
      ...environmentOf(task.command),
      ...environment,
      MESOS_SANDBOX: settings.sandboxDirectory,
      MESOS_CONTAINER_NAME: name,
      ...roleOf(task),
    },
    ...network,
    ...peersOf(task, network, { instanceId: settings.instanceId, frameworkId }, policy),
    ...userOf(task.command, config['User'], policy),
    ...privilegedOf(docker, policy),
    ...limitsOf(task, policy),
    sandbox,
    volumes: together(volumesOf(task.container, sandbox, policy), persistentVolumes(task.resources, sandbox, settings.workDir)),
    engineFields: { config, host },
    ...ulimitsOf(task.container, host['Ulimits'] as Ulimit[] | undefined),
    ...gpusOf(task, settings.gpusInUse ?? []),
    ...(task.container?.tty_info !== undefined && { terminal: true }),
    labels: {
      ...moreLabels,
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

function privilegedOf ({ privileged = false }: v1.ContainerInfo_DockerInfo, { allowPrivileged }: Policy): Pick<ContainerSpec, 'privileged'> {
  const field = 'container.docker.privileged'
  if (privileged && !allowPrivileged) throw notAllowed(field, 'allowPrivileged', { field })
  return privileged ? { privileged } : {}
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
  return (command?.uris ?? []).map(({ value, executable = false, extract = true, cache = false, output_file: outputFile }, at) => ({
    value, executable, extract, cache, outputFile, field: `command.uris[${at}]`,
  }))
}

function environmentOf (command: v1.CommandInfo | undefined): Record<string, string> {
  const environment: Array<[string, string]> = []
  for (const [at, { name, value = '', type }] of (command?.environment?.variables ?? []).entries()) {
    const field = `command.environment.variables[${at}]`
    if (type === 'SECRET') throw new AgentError('NOT_SUPPORTED', `${field}: variables of type SECRET are not supported by this version`, { field })
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

/** An id that becomes a folder's name. */
function pathSegment (id: string, field: string): string {
  if (id === '' || id === '.' || id === '..' || /[/\u0000-\u001f\u007f]/.test(id)) throw invalid(field, 'cannot be a folder\'s name')
  if (Buffer.byteLength(id) > 255) throw invalid(field, 'is longer than the 255 bytes that a folder\'s name may have')
  return id
}
