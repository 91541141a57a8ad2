import { createHash } from 'node:crypto'
import type { ContainerSpec, NetworkJoin } from '../model/container-spec.ts'
import type { v1 } from '../wire/messages.ts'
import { invalid, type Policy } from './policy.ts'

/** A task is found under its DiscoveryInfo's name, or under this label's value. */
const aliasLabel = 'slipway.alias'
/** What the engine's names of networks that agents make begin with: no task can name them. */
export const ownNetworkPrefix = 'slipway.'

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i
const dnsName = /^(?=.{1,150}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

interface Owner { readonly instanceId: string, readonly frameworkId: string }

/** Whether the agent makes networks of this name. */
export function makesNetwork (name: string, { createNetworks }: Pick<Policy, 'createNetworks'>): boolean {
  return createNetworks.some(pattern => new RegExp(`^${pattern.replaceAll('.', '\\.').replace(/\*+/g, '.*')}$`).test(name))
}

/** Which network of the engine a USER container joins, and how the other tasks of its framework find it there. */
export function peersOf (task: v1.TaskInfo, { userNetwork }: Pick<ContainerSpec, 'userNetwork'>, owner: Owner, policy: Policy): Pick<ContainerSpec, 'join'> {
  const alias = aliasOf(task, userNetwork !== undefined)
  if (userNetwork === undefined) return {}
  const { allowNetworks } = policy
  const join: NetworkJoin = {
    isShared: allowNetworks.includes(userNetwork) || allowNetworks.includes('*'),
    own: makesNetwork(userNetwork, policy) ? ownName(userNetwork, owner) : undefined,
    alias: alias === undefined ? undefined : { plain: alias, qualified: `${alias}.${domainOf(owner.frameworkId)}` },
  }
  return { join }
}

/** Instances share an engine, and frameworks an instance: each has networks of its own. */
function ownName (name: string, { instanceId, frameworkId }: Owner): string {
  return `${ownNetworkPrefix}${digest(`${instanceId} ${frameworkId}`)}.${name}`
}

/** The framework's id where it can stand in a name, as those that masters give out do. */
function domainOf (frameworkId: string): string {
  return dnsName.test(frameworkId) ? frameworkId : `f-${digest(frameworkId)}`
}

function aliasOf ({ labels, discovery }: v1.TaskInfo, canHave: boolean): string | undefined {
  const at = labels?.labels?.findIndex(({ key }) => key === aliasLabel) ?? -1
  const [alias, field] = at >= 0 ? [labels?.labels?.[at]?.value ?? '', `labels.labels[${at}].value`] : [discovery?.name, 'discovery.name']
  if (at >= 0 && !canHave) throw invalid(field, 'is a name on a USER network, and the task is on none')
  if (alias === undefined || !canHave) return undefined
  if (!dnsLabel.test(alias)) throw invalid(field, 'is no name on a network: 1 to 63 letters, digits and hyphens, no hyphen first or last')
  return alias.toLowerCase()
}

function digest (text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
