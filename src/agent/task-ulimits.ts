import { AgentError } from '../model/errors.ts'
import type { v1 } from '../wire/messages.ts'
import { checkedUlimit, type Ulimit } from './parameter-values.ts'
import { invalid } from './policy.ts'

const field = 'container.rlimit_info.rlimits'

/** A container's limits of its processes, beside those by the parameter ulimit; none may be told twice. */
export function ulimitsOf (container: v1.ContainerInfo | undefined, byParameter: readonly Ulimit[] = []): { ulimits?: readonly Ulimit[] } {
  const asked = container?.rlimit_info?.rlimits ?? []
  if (asked.length === 0) return {}
  const taken = new Set(byParameter.map(({ Name: name }) => name))
  const own = asked.map((rlimit, at) => {
    const ulimit = ulimitOf(rlimit, `${field}[${at}]`)
    if (taken.has(ulimit.Name)) throw invalid(`${field}[${at}]`, `limits ${ulimit.Name} a second time`)
    taken.add(ulimit.Name)
    return ulimit
  })
  return { ulimits: [...byParameter, ...own] }
}

/** Without limits it is unlimited. */
function ulimitOf ({ type = 'UNKNOWN', soft, hard }: v1.RLimitInfo_RLimit, where: string): Ulimit {
  if (type === 'UNKNOWN') throw invalid(`${where}.type`, 'is missing or unknown')
  if (type === 'RLMT_AS') throw new AgentError('NOT_SUPPORTED', `${where}.type RLMT_AS is not supported: the engine cannot set it`, { field: `${where}.type` })
  if ((soft === undefined) !== (hard === undefined)) throw invalid(where, 'has one of soft and hard: it needs both, or none to be unlimited')
  const figure = (value: number | bigint | undefined): number => value === undefined ? -1 : Number(value)
  try {
    return checkedUlimit({ Name: type.replace('RLMT_', '').toLowerCase(), Soft: figure(soft), Hard: figure(hard) })
  } catch (cause) {
    throw invalid(where, (cause as Error).message)
  }
}
