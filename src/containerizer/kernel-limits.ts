import type { ContainerLimits, ContainerSpec } from '../model/container-spec.ts'
import { cpuQuotaMicros, cpuShares } from '../model/cpu-shares.ts'
import type { KernelLimits } from '../pool/jobs.ts'

/** What a container is launched with. A quota by parameter is over the one of its limits, as in its create body. */
export function launchLimits ({ cpus, memBytes, limits, engineFields }: Pick<ContainerSpec, 'cpus' | 'memBytes' | 'limits' | 'engineFields'>): ContainerLimits {
  const quota = engineFields?.host['CpuQuota'] as number | undefined ?? limits?.cpuQuotaMicros
  return { cpus, memBytes, ...(quota !== undefined && { cpuQuotaMicros: quota }) }
}

/** The quota goes along where it hangs on the CPUs that were asked for. */
export function updatedLimits (spec: ContainerSpec, wanted: ContainerLimits): ContainerLimits {
  const { cpuQuotaMicros: before } = launchLimits(spec)
  if (before === undefined) return wanted
  const follows = spec.limits?.quotaFollowsCpus === true && spec.limits.cpuQuotaMicros === before
  return { ...wanted, cpuQuotaMicros: follows ? cpuQuotaMicros(wanted.cpus) : before }
}

export function kernelLimits ({ cpus, memBytes, cpuQuotaMicros: quota }: ContainerLimits): KernelLimits {
  return { cpuShares: cpuShares(cpus), memoryBytes: memBytes, cpuQuotaMicros: quota }
}
