import type { TaskBook } from '../../agent/task-book.ts'
import type { Config } from '../../model/settings.ts'
import { mesosVersion, version } from '../../model/version.ts'
import type { v1 } from '../../wire/messages.ts'
import { allocated } from './allocated.ts'
import { attributeSummary } from './attribute-summary.ts'
import { flagTexts } from './flags.ts'
import { frameworkStates } from './framework-state.ts'
import { resourceSummary } from './resource-summary.ts'

export interface AgentStateSource {
  readonly agentInfo: v1.AgentInfo
  readonly book: TaskBook
  readonly config: Config
  /** Where the door listens. */
  readonly address: () => { ip: string, port: number }
}

const capabilities = ['MULTI_ROLE', 'HIERARCHICAL_ROLE'] as const
const startTime = (performance.timeOrigin) / 1000

/** The whole agent, as /state of a Mesos agent tells it. */
export function agentState ({ agentInfo, book, config, address }: AgentStateSource): object {
  const { ip, port } = address()
  const total = agentInfo.resources ?? []
  const open = book.open()
  return {
    version,
    mesos_version: mesosVersion,
    start_time: startTime,
    id: agentInfo.id?.value,
    pid: `slave(1)@${ip.includes(':') ? `[${ip}]` : ip}:${port}`,
    hostname: agentInfo.hostname,
    capabilities,
    resources: resourceSummary(total),
    reserved_resources: {},
    unreserved_resources: resourceSummary(total),
    reserved_resources_full: {},
    unreserved_resources_full: total,
    reserved_resources_allocated: {},
    unreserved_resources_allocated: resourceSummary(allocated(book)),
    resource_providers: [],
    attributes: attributeSummary(agentInfo.attributes ?? []),
    master_hostname: agentInfo.hostname,
    flags: flagTexts(config),
    ...frameworkStates(book.all(), new Set(open)),
  }
}
