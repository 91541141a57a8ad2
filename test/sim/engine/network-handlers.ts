import { randomBytes } from 'node:crypto'
import type { Container } from './container.ts'
import type { Daemon } from './daemon.ts'
import { hasLabels, parseFilters } from './filters.ts'
import { noContent, ok, parseBody, type Handler } from './handler.ts'
import { Refusal } from './refusal.ts'

export interface SimNetwork { readonly id: string, readonly name: string, readonly labels: Readonly<Record<string, string>> }

interface CreateNetwork { Name?: string, Driver?: string, CheckDuplicate?: boolean, Labels?: Record<string, string> | null }

const predefined = /^(default|bridge|host|none)$|^container:/
/** An address of this machine, so that something can listen there. */
const gateway = '127.0.0.2'
const builtIn = ['bridge', 'host', 'none'].map((name, at): SimNetwork => ({ id: `${at}`.repeat(64), name, labels: {} }))

export const create: Handler = request => {
  const { daemon } = request
  const { Name: name = '', CheckDuplicate: isAlone, Labels: labels } = parseBody<CreateNetwork>(request)
  if (name === '' || predefined.test(name)) throw new Refusal(403, `operation is not permitted on predefined ${name} network`)
  if (isAlone === true && named(daemon, name)) throw new Refusal(409, `network with name ${name} already exists`)
  const network = { id: randomBytes(32).toString('hex'), name, labels: labels ?? {} }
  daemon.networks.set(network.id, network)
  daemon.onNetwork(network.id, network)
  return { status: 201, json: { Id: network.id, Warning: '' } }
}

export const inspect: Handler = ({ daemon, subject }) => ok(documentOf(find(daemon, subject)))

export const list: Handler = ({ daemon, query }) => {
  const filters = parseFilters(query, ['label', 'name', 'id', 'driver', 'type', 'scope', 'dangling'])
  return ok([...daemon.networks.values()].filter(({ labels }) => hasLabels(labels, filters.get('label'))).map(documentOf))
}

export const remove: Handler = ({ daemon, subject }) => {
  const { id, name } = find(daemon, subject)
  const isUsed = [...daemon.containers.values()].some(container => container.state === 'running' && modeOf(container) === name)
  if (isUsed) throw new Refusal(403, `error while removing network: network ${name} id ${id} has active endpoints`)
  daemon.networks.delete(id)
  daemon.onNetwork(id, undefined)
  return noContent
}

/** A container is created on a network that is not there; the start is refused. */
export function needNetwork (daemon: Daemon, container: Container): void {
  const mode = modeOf(container)
  if (!predefined.test(mode) && !named(daemon, mode)) throw new Refusal(404, `network ${mode} not found`)
}

const modeOf = ({ body }: Container): string => body.HostConfig?.NetworkMode ?? 'default'

function named ({ networks }: Daemon, name: string): SimNetwork | undefined {
  return [...builtIn, ...networks.values()].find(network => network.name === name)
}

/** By name, id or unique beginning of an id, as the engine does. */
function find (daemon: Daemon, reference: string): SimNetwork {
  const beginning = [...daemon.networks.values()].filter(({ id }) => id.startsWith(reference))
  const found = named(daemon, reference) ?? (beginning.length === 1 ? beginning[0] : undefined)
  if (found === undefined) throw new Refusal(404, `network ${reference} not found`)
  return found
}

function documentOf ({ id, name, labels }: SimNetwork): object {
  const config = name === 'host' || name === 'none' ? [] : [{ Gateway: gateway }]
  return { Id: id, Name: name, Driver: 'bridge', Scope: 'local', Labels: labels, Containers: {}, IPAM: { Driver: 'default', Config: config } }
}
