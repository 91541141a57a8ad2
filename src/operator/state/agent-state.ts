import type { MasterWishes } from '../../agent/master-wishes.ts'
import type { TaskBook } from '../../agent/task-book.ts'
import type { Config } from '../../model/settings.ts'
import { mesosVersion, version } from '../../model/version.ts'
import { printJson } from '../../wire/json.ts'
import type { v1 } from '../../wire/messages.ts'
import { allocated } from './allocated.ts'
import { attributeSummary } from './attribute-summary.ts'
import { flagTexts } from './flags.ts'
import { frameworkStates } from './framework-state.ts'
import { reservedState } from './reserved-state.ts'
import { resourceSummary } from './resource-summary.ts'

export interface AgentStateSource {
  readonly agentInfo: v1.AgentInfo
  readonly book: TaskBook
  readonly config: Config
  readonly wishes?: MasterWishes
  /** Where the door listens. */
  readonly address: () => { ip: string, port: number }
  /** Of the master that leads; without a cluster the agent is its own. */
  readonly masterHostname?: () => string | undefined
}

const capabilities = ['MULTI_ROLE', 'HIERARCHICAL_ROLE'] as const
const startTime = (performance.timeOrigin) / 1000

/** Nothing where the host is not to be emptied. */
function drainState (draining: MasterWishes['draining'] | undefined): object {
  const config = draining?.config
  if (config === undefined) return {}
  return { drain_config: JSON.parse(printJson('v1.DrainConfig', config)) as object, estimated_drain_start_time_seconds: draining?.begunAt }
}

/** The whole agent, as /state of a Mesos agent tells it. */
export function agentState ({ agentInfo, book, config, address, wishes, masterHostname }: AgentStateSource): object {
  const { ip, port } = address()
  const total = wishes?.capacity.total ?? agentInfo.resources ?? []
  const open = book.open()
  return {
    version,
    mesos_version: mesosVersion,
    start_time: startTime,
    id: agentInfo.id?.value,
    pid: `slave(1)@${ip.includes(':') ? `[${ip}]` : ip}:${port}`,
    hostname: agentInfo.hostname,
    capabilities,
    ...drainState(wishes?.draining),
    resources: resourceSummary(total),
    ...reservedState(total, allocated(book)),
    resource_providers: [],
    attributes: attributeSummary(agentInfo.attributes ?? []),
    master_hostname: masterHostname === undefined ? agentInfo.hostname : masterHostname(),
    flags: flagTexts(config),
    ...frameworkStates(book.all(), new Set(open)),
  }
}
