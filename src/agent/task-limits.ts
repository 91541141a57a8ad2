import { totalmem } from 'node:os'
import type { ContainerSpec } from '../model/container-spec.ts'
import { cpuQuotaMicros } from '../model/cpu-shares.ts'
import { invalid, type Policy } from './policy.ts'
import type { v1 } from '../wire/messages.ts'

type LimitsPart = Pick<ContainerSpec, 'cpus' | 'memBytes' | 'limits'>

const minMemBytes = 32 << 20

/** Requests and limits, as Mesos turns them into a container's. `hostMemBytes` weighs how soon a task that is over its request is ended. */
export function limitsOf (task: v1.TaskInfo, policy: Policy, hostMemBytes = totalmem()): LimitsPart {
  const cpus = scalarOf(task, 'cpus')
  const requested = bytesOf(scalarOf(task, 'mem'))
  const ownLimit = limitOf(task, 'cpus')
  const cpuLimit = ownLimit ?? (policy.cgroupsEnableCfs ? cpus : Infinity)
  const memLimit = limitOf(task, 'mem')
  if (memLimit === Infinity) throw invalid('limits.mem', 'cannot be endless: a container of this agent has a hard limit')
  const memBytes = memLimit === undefined ? requested : bytesOf(amount(memLimit, 'limits.mem'))
  if (memBytes < requested) throw invalid('limits.mem', 'is less than the memory asked for')
  return {
    cpus,
    memBytes,
    limits: {
      ...(cpuLimit !== Infinity && { cpuQuotaMicros: cpuQuotaMicros(amount(cpuLimit, 'limits.cpus')) }),
      ...(cpuLimit !== Infinity && ownLimit === undefined && { quotaFollowsCpus: true }),
      ...(memLimit !== undefined && { memReservationBytes: requested }),
      ...(requested < memBytes && { oomScoreAdj: 1000 - Math.floor(1000 * Math.min(1, requested / hostMemBytes)) }),
      swap: policy.memorySwap,
      pids: policy.pidsLimit,
    },
  }
}

function bytesOf (megabytes: number): number {
  return Math.max(minMemBytes, Math.floor(megabytes) * (1 << 20))
}

function limitOf ({ limits = {} }: v1.TaskInfo, name: string): number | undefined {
  return Object.hasOwn(limits, name) ? limits[name]?.value : undefined
}

function scalarOf ({ resources = [] }: v1.TaskInfo, name: string): number {
  return amount(resources.filter(resource => resource.name === name).reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0), `resources: ${name}`)
}

/** The engine takes what is no number for "no limit". */
function amount (value: number, field: string): number {
  if (!Number.isSafeInteger(Math.ceil(value * (1 << 20))) || value < 0) throw invalid(field, `of ${value} is no amount`)
  return value
}
