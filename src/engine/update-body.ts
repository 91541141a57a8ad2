import type { ContainerInspectInfo } from 'dockerode'
import type { ContainerLimits } from '../model/container-spec.ts'
import { cpuShares } from '../model/cpu-shares.ts'
import { inProportion } from '../model/memory-proportion.ts'

export interface UpdateBody {
  readonly CpuShares: number
  readonly CpuQuota?: number
  readonly Memory: number
  readonly MemorySwap?: number
  readonly MemoryReservation?: number
}

/** Body of POST /containers/ID/update. Pure. The engine refuses a memory limit that does not fit the two that go with it: they keep their proportion. */
export function updateBody ({ cpus, memBytes, cpuQuotaMicros }: ContainerLimits, { HostConfig: now }: Pick<ContainerInspectInfo, 'HostConfig'>): UpdateBody {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0 } = now
  return {
    CpuShares: cpuShares(cpus),
    ...(cpuQuotaMicros !== undefined && { CpuQuota: cpuQuotaMicros }),
    Memory: memBytes,
    ...(MemorySwap !== 0 && { MemorySwap: inProportion(MemorySwap, Memory, memBytes) }),
    ...(MemoryReservation > 0 && { MemoryReservation: inProportion(MemoryReservation, Memory, memBytes) }),
  }
}
