import type { ContainerSpec, PortMapping } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import { containsRanges, type Range } from '../model/ranges.ts'
import type { v1 } from '../wire/messages.ts'
import { makesNetwork, ownNetworkPrefix } from './task-peers.ts'
import { invalid, noNul, notAllowed, type Policy } from './policy.ts'

type NetworkPart = Pick<ContainerSpec, 'network' | 'userNetwork' | 'hostname' | 'ports' | 'hostNetworkDropCaps'>

const field = 'container.docker.network'
/** What the engine takes for something else than a network's name. */
const reserved = new Set(['host', 'bridge', 'none', 'default', 'container', 'nat'])

/** Which network a container is on, what it is called there, and which of its ports the host lends it. */
export function networkOf (task: v1.TaskInfo, policy: Policy): NetworkPart {
  const asked = task.container?.docker?.network
  const network = (asked?.toLowerCase() ?? policy.defaultNetwork) as ContainerSpec['network']
  const userNetwork = network === 'user' ? userNetworkOf(task.container) : undefined
  const name = userNetwork ?? network
  if (!isAllowed(name, network, policy)) throw notAllowed(`${field}: the network ${name}`, 'allowNetworks', { field })
  return {
    network,
    ...(userNetwork !== undefined && { userNetwork }),
    ...(network === 'host' && { hostNetworkDropCaps: policy.hostNetworkDropCaps }),
    ...hostnameOf(task.container, network),
    ...portsOf(task, network),
  }
}

function isAllowed (name: string, network: ContainerSpec['network'], policy: Policy): boolean {
  const { allowNetworks } = policy
  return allowNetworks.includes(name) || (network === 'user' && (allowNetworks.includes('*') || makesNetwork(name, policy)))
}

function userNetworkOf ({ network_infos: infos = [] }: Partial<v1.ContainerInfo> = {}): string {
  const [info, other] = infos
  if (info === undefined) throw invalid('container.network_infos', 'is empty: it names the network of a USER container')
  if (other !== undefined) throw invalid('container.network_infos[1]', 'is one too many: a container is on one network')
  if (info.name === undefined) throw invalid('container.network_infos[0].name', 'is missing: it is the network of a USER container')
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(info.name) || reserved.has(info.name) || info.name.startsWith(ownNetworkPrefix)) throw invalid('container.network_infos[0].name', 'is no network\'s name')
  const more = (['ip_addresses', 'port_mappings', 'groups'] as const).find(part => (info[part] ?? []).length > 0)
  if (more !== undefined) throw new AgentError('NOT_SUPPORTED', `container.network_infos[0].${more} is not supported by this version`)
  return info.name
}

function hostnameOf (container: v1.ContainerInfo | undefined, network: ContainerSpec['network']): Pick<ContainerSpec, 'hostname'> {
  const hostname = container?.hostname
  if (hostname === undefined) return {}
  if (network === 'host') throw invalid('container.hostname', 'cannot be set on host networking')
  noNul(hostname, 'container.hostname')
  if (hostname === '' || Buffer.byteLength(hostname) > 64) throw invalid('container.hostname', 'must have 1 to 64 bytes')
  return { hostname }
}

function portsOf (task: v1.TaskInfo, network: ContainerSpec['network']): Pick<ContainerSpec, 'ports'> {
  const mappings = task.container?.docker?.port_mappings ?? []
  if (mappings.length === 0) return {}
  if (network === 'host' || network === 'none') throw invalid('container.docker.port_mappings', 'are for BRIDGE and USER networks only')
  const owned = rangesOf(task)
  const taken = new Set<string>()
  const ports = mappings.map((mapping, at) => {
    const where = `container.docker.port_mappings[${at}]`
    const port = portOf(mapping, where)
    const isOwned = containsRanges(owned, [[port.hostPort, port.hostPort]])
    if (!isOwned) throw invalid(`${where}.host_port`, `${port.hostPort} is not among the task's ports resources`)
    const key = `${port.hostPort}/${port.protocol}`
    if (taken.has(key)) throw invalid(`${where}.host_port`, `${key} is mapped twice`)
    taken.add(key)
    return port
  })
  return { ports }
}

function portOf (mapping: v1.ContainerInfo_DockerInfo_PortMapping, where: string): PortMapping {
  const { host_port: hostPort, container_port: containerPort, protocol = 'tcp' } = mapping
  if (!isPort(hostPort)) throw invalid(`${where}.host_port`, `${hostPort} is no port`)
  if (!isPort(containerPort)) throw invalid(`${where}.container_port`, `${containerPort} is no port`)
  const lower = protocol.toLowerCase()
  if (lower !== 'tcp' && lower !== 'udp') throw invalid(`${where}.protocol`, 'is neither tcp nor udp')
  return { hostPort, containerPort, protocol: lower }
}

function isPort (port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535
}

function rangesOf ({ resources = [] }: v1.TaskInfo): Range[] {
  return resources.filter(({ name }) => name === 'ports')
    .flatMap(({ ranges }) => ranges?.range ?? [])
    .map(({ begin, end }) => [Number(begin), Number(end)])
}
