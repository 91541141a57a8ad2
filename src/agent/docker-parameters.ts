import { posix } from 'node:path'
import type { EngineFields } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import type { v1 } from '../wire/messages.ts'
import * as read from './parameter-values.ts'
import { noNul, notAllowed, type Policy } from './policy.ts'

/** What a task's parameters add to its container. */
export interface Asked extends EngineFields {
  readonly environment: Record<string, string>
  readonly labels: Record<string, string>
  readonly config: Record<string, unknown>
  readonly host: Record<string, unknown>
}

type Option = (value: string, asked: Asked, policy: Policy) => void
type Section = 'config' | 'host'

/** The options of `docker run` that a task may use. The fields they set are those that the docker command sets: a test compares. */
const options: Readonly<Record<string, Option>> = {
  'add-host': listed('host', 'ExtraHosts', read.extraHostOf),
  'cap-add': allowed(capabilityAllowed, listed('host', 'CapAdd', read.capabilityOf)),
  'cap-drop': listed('host', 'CapDrop', read.capabilityOf),
  'cgroupns': namespaced('CgroupnsMode', ['private']),
  'cpu-period': resource(single('host', 'CpuPeriod', read.integerOf(1_000, 1_000_000))),
  'cpu-quota': resource(single('host', 'CpuQuota', read.integerOf(1_000, 2 ** 40))),
  'cpuset-cpus': resource(single('host', 'CpusetCpus', read.wordOf)),
  'cpuset-mems': resource(single('host', 'CpusetMems', read.wordOf)),
  'device': allowed(deviceAllowed, listed('host', 'Devices', read.deviceOf)),
  'dns': listed('host', 'Dns', read.addressOf),
  'dns-opt': listed('host', 'DnsOptions', read.wordOf),
  'dns-option': listed('host', 'DnsOptions', read.wordOf),
  'dns-search': listed('host', 'DnsSearch', read.domainOf),
  'domainname': single('config', 'Domainname', read.wordOf),
  'entrypoint': single('config', 'Entrypoint', value => [value]),
  'env': variable,
  'group-add': listed('host', 'GroupAdd', read.wordOf),
  'hostname': single('config', 'Hostname', read.wordOf),
  'init': single('host', 'Init', read.boolOf),
  'ipc': namespaced('IpcMode', ['private', 'shareable', 'none']),
  'label': label,
  'memory-swap': resource(single('host', 'MemorySwap', value => value === '-1' ? -1 : read.bytesOf(value))),
  'memory-swappiness': resource(single('host', 'MemorySwappiness', read.integerOf(0, 100))),
  'no-healthcheck': (value, { config }) => { if (read.boolOf(value)) config['Healthcheck'] = { Test: ['NONE'] } },
  'oom-score-adj': oomScore,
  'pid': namespaced('PidMode', []),
  'pids-limit': pidsLimit,
  'read-only': single('host', 'ReadonlyRootfs', read.boolOf),
  'runtime': allowed(runtimeAllowed, single('host', 'Runtime', read.wordOf)),
  'security-opt': allowed(securityAllowed, listed('host', 'SecurityOpt', read.wordOf)),
  'shm-size': single('host', 'ShmSize', read.bytesOf),
  'sysctl': mapped('Sysctls', read.pairOf),
  'tmpfs': mapped('Tmpfs', tmpfsOf),
  'ulimit': listed('host', 'Ulimits', read.ulimitOf),
  'user': single('config', 'User', read.wordOf),
  'userns': namespaced('UsernsMode', []),
  'uts': namespaced('UTSMode', []),
  'workdir': single('config', 'WorkingDir', read.pathOf),
}

/** What is refused whatever the policy, and what there is instead. */
const refused: Readonly<Record<string, string>> = {
  'name': 'the agent names its containers',
  'restart': 'a task that has ended is launched again by its framework',
  'rm': 'the agent removes its containers',
  'detach': 'the agent attaches to its containers',
  'cidfile': 'the container\'s id is in the status',
  'log-driver': 'the output is in the sandbox',
  'log-opt': 'the output is in the sandbox',
  'volumes-from': 'use container.volumes',
  'cgroup-parent': 'the agent must find the container\'s cgroups',
  'stop-signal': 'the agent ends containers with SIGTERM',
  'stop-timeout': 'use kill_policy',
  'network': 'use container.docker.network', 'net': 'use container.docker.network',
  'publish': 'use container.docker.port_mappings', 'publish-all': 'use container.docker.port_mappings',
  'volume': 'use container.volumes', 'mount': 'use container.volumes', 'volume-driver': 'use container.docker.volume_driver',
  'privileged': 'use container.docker.privileged',
  'cpus': 'use limits', 'cpu-shares': 'use resources', 'memory': 'use resources and limits', 'memory-reservation': 'use resources and limits',
  'gpus': 'use resources',
}

export const supportedParameters = Object.keys(options)

/** A task's parameters; throws for the first that is unknown, refused or wrong, naming it. */
export function parametersOf (parameters: readonly v1.Parameter[] = [], policy: Policy): Asked {
  const asked: Asked = { environment: {}, labels: {}, config: {}, host: {} }
  for (const [at, { key, value }] of parameters.entries()) {
    const field = `container.docker.parameters[${at}]`
    try {
      noNul(value, field)
      optionOf(key, policy)(value, asked, policy)
    } catch (cause) {
      if (cause instanceof AgentError) throw AgentError.wrap(cause, field, { field })
      throw new AgentError('SPEC_INVALID', `${field}: the value of ${key} ${(cause as Error).message}`, { field })
    }
  }
  settleCapabilities(asked.host)
  return asked
}

function optionOf (key: string, { allowParameters }: Policy): Option {
  const option = Object.hasOwn(options, key) ? options[key] : undefined
  const instead = Object.hasOwn(refused, key) ? refused[key] : undefined
  if (instead !== undefined) throw new AgentError('SPEC_INVALID', `the parameter ${key} is always refused: ${instead}`)
  if (option === undefined) throw new AgentError('NOT_SUPPORTED', `the parameter ${JSON.stringify(key)} is not supported by this version`)
  if (!allowParameters.includes('*') && !allowParameters.includes(key)) throw notAllowed(`the parameter ${key}`, 'allowParameters')
  return option
}

function single (section: Section, name: string, parse: (value: string) => unknown): Option {
  return (value, asked) => { asked[section][name] = parse(value) }
}

function listed (section: Section, name: string, parse: (value: string) => unknown): Option {
  return (value, asked) => { asked[section][name] = [...asked[section][name] as unknown[] | undefined ?? [], parse(value)] }
}

function mapped (name: string, parse: (value: string) => [string, string | undefined]): Option {
  return (value, { host }) => {
    const [key, part = ''] = parse(value)
    host[name] = { ...host[name] as object | undefined, [key]: part }
  }
}

function allowed (check: (value: string, policy: Policy) => void, option: Option): Option {
  return (value, asked, policy) => { check(value, policy); option(value, asked, policy) }
}

function resource (option: Option): Option {
  return allowed((_value, { allowResourceParameters: isAllowed }) => {
    if (!isAllowed) throw notAllowed('a limit by parameter', 'allowResourceParameters')
  }, option)
}

/** A namespace of its own is the task's to choose; the host's is the operator's; another container's is nobody's. */
function namespaced (name: string, own: readonly string[]): Option {
  return (value, { host }, { allowHostNamespaces }) => {
    if (value === 'host' && !allowHostNamespaces) throw notAllowed('a namespace of the host', 'allowHostNamespaces')
    if (value !== 'host' && !own.includes(value)) throw new Error(`is none of ${['host', ...own].join(', ')}`)
    host[name] = value
  }
}

function variable (value: string, { environment }: Asked): void {
  const [name, content] = read.pairOf(value)
  // The docker command would take it from its own environment: that of the agent is nobody's business.
  if (content === undefined) throw new Error('is not of the form NAME=VALUE')
  environment[name] = content
}

function label (value: string, { labels }: Asked): void {
  const [name, content = ''] = read.pairOf(value)
  if (name.startsWith('slipway.')) throw new Error('begins with slipway., as the agent\'s own labels do')
  labels[name] = content
}

function tmpfsOf (value: string): [string, string] {
  const at = value.indexOf(':')
  return at < 0 ? [read.pathOf(value), ''] : [read.pathOf(value.slice(0, at)), value.slice(at + 1)]
}

function capabilityAllowed (value: string, { allowCapabilities }: Policy): void {
  const known = allowCapabilities.map(read.capabilityOf)
  if (!known.includes('ALL') && !known.includes(read.capabilityOf(value))) throw notAllowed(`the capability ${value}`, 'allowCapabilities')
}

function deviceAllowed (value: string, { allowDevices }: Policy): void {
  const path = posix.resolve(read.deviceOf(value).PathOnHost)
  const isWithin = (folder: string): boolean => path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`)
  if (!allowDevices.some(isWithin)) throw notAllowed(`the device ${path}`, 'allowDevices')
}

function runtimeAllowed (value: string, { allowRuntimes }: Policy): void {
  if (!allowRuntimes.includes(value)) throw notAllowed(`the runtime ${value}`, 'allowRuntimes')
}

function securityAllowed (value: string, { allowSecurityOptions }: Policy): void {
  if (/^no-new-privileges([=:]true)?$/.test(value)) return
  if (!/^(seccomp=unconfined|apparmor=\S+|label=\S+|no-new-privileges[=:]false)$/.test(value)) throw new Error('is no security option that is supported')
  if (!allowSecurityOptions) throw notAllowed(`the security option ${value}`, 'allowSecurityOptions')
}

function oomScore (value: string, { host }: Asked, { allowResourceParameters }: Policy): void {
  const score = read.integerOf(-1000, 1000)(value)
  if (score < 0 && !allowResourceParameters) throw notAllowed('a negative oom-score-adj', 'allowResourceParameters')
  host['OomScoreAdj'] = score
}

function pidsLimit (value: string, { host }: Asked, { pidsLimit: limit, allowResourceParameters }: Policy): void {
  const pids = read.integerOf(-1, 4_194_304)(value)
  const isMore = limit > 0 && (pids <= 0 || pids > limit)
  if (isMore && !allowResourceParameters) throw notAllowed(`a pids-limit above ${limit}`, 'allowResourceParameters')
  host['PidsLimit'] = pids
}

/** Each once, as the docker command has it; what is both added and dropped is the engine's to judge. */
function settleCapabilities (host: Record<string, unknown>): void {
  for (const name of ['CapAdd', 'CapDrop']) {
    if (host[name] !== undefined) host[name] = [...new Set(host[name] as string[])].sort()
  }
}
