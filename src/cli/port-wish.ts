import { subtractRanges, type Range } from '../model/ranges.ts'
import type { v1 } from '../wire/messages.ts'
import { UsageError } from './report.ts'
import type { TaskWish } from './task-info.ts'

/** A port of the container that is to have one of the host's. */
export interface PortWish {
  readonly containerPort: number
  /** undefined: any of the offer. */
  readonly hostPort: number | undefined
  readonly protocol: 'tcp' | 'udp'
}

/** "[HOST:]PORT[/udp]" */
export function portWish (written: string): PortWish {
  const [, host, port, protocol = 'tcp'] = /^(?:(\d{1,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/.exec(written) ?? []
  const wish = { containerPort: Number(port), hostPort: host === undefined ? undefined : Number(host), protocol: protocol as 'tcp' | 'udp' }
  const isPort = (value: number): boolean => value >= 1 && value <= 65535
  if (isPort(wish.containerPort) && (wish.hostPort === undefined || isPort(wish.hostPort))) return wish
  throw new UsageError(`-p ${written}: expected PORT or HOST:PORT, with /udp behind it where it is not tcp`)
}

/** The host's ports in the order of the wishes; undefined when the offer has not got them. */
export function placePorts (wishes: readonly PortWish[] = [], offer: v1.Offer): number[] | undefined {
  const offered = rangesOf(offer)
  const named = wishes.flatMap(({ hostPort }) => hostPort ?? [])
  if (named.some(port => !offered.some(([begin, end]) => begin <= port && port <= end))) return undefined
  let free: Range[] = named.reduce((rest, port) => subtractRanges(rest, [[port, port]]), offered)
  const placed: number[] = []
  for (const { hostPort } of wishes) {
    const port = hostPort ?? free[0]?.[0]
    if (port === undefined) return undefined
    free = subtractRanges(free, [[port, port]])
    placed.push(port)
  }
  return placed
}

/** The task as it is launched: with the ports that this offer gives it, which its environment tells. */
export function withPorts ({ wishedPorts, ...task }: TaskWish, offer: v1.Offer): Omit<v1.TaskInfo, 'agent_id'> {
  const ports = placePorts(wishedPorts, offer) ?? []
  const docker = task.container?.docker
  if (ports.length === 0 || wishedPorts === undefined || docker === undefined || task.container === undefined) return task
  const mappings = wishedPorts.map(({ containerPort, protocol }, at) => ({ host_port: ports[at] ?? 0, container_port: containerPort, protocol }))
  const told = [...ports.map((port, at) => ({ name: `PORT${at}`, value: `${port}` })), { name: 'PORTS', value: ports.join(',') }]
  return {
    ...task,
    resources: [...task.resources ?? [], resource(ports)],
    container: { ...task.container, docker: { ...docker, port_mappings: mappings } },
    command: { ...task.command, environment: { variables: [...told, ...task.command?.environment?.variables ?? []] } },
  }
}

/** For people, behind the other resources. */
export function describePorts (wishes: readonly PortWish[] = []): string {
  if (wishes.length === 0) return ''
  const named = wishes.flatMap(({ hostPort }) => hostPort ?? [])
  return `, ${wishes.length} port${wishes.length > 1 ? 's' : ''}${named.length > 0 ? ` (${named.join(', ')})` : ''}`
}

function resource (ports: readonly number[]): v1.Resource {
  const range = [...new Set(ports)].sort((a, b) => a - b).map(port => ({ begin: port, end: port }))
  return { name: 'ports', type: 'RANGES', ranges: { range }, allocation_info: { role: '*' } }
}

function rangesOf ({ resources = [] }: v1.Offer): Range[] {
  return resources.filter(({ name, reservation, reservations, revocable }) => name === 'ports' && !reservation && !reservations?.length && !revocable)
    .flatMap(({ ranges }) => ranges?.range ?? [])
    .map(({ begin, end }) => [Number(begin), Number(end)])
}
