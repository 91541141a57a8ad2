import type { ContainerUsage } from '../model/container-usage.ts'

export interface UsageTotals {
  readonly cpuSeconds: number
  readonly memTotalBytes: number
  readonly processes: number
  readonly throttledContainers: number
}

/** Adds up CPU time over containers that come and go: it never falls. What one used between the last look at it and its end is missed. */
export class CpuMeter {
  #last = new Map<string, number>()
  #seconds = 0

  get seconds (): number { return this.#seconds }

  observe (usages: ReadonlyMap<string, ContainerUsage>): void {
    const seen = new Map([...usages].map(([id, usage]) => [id, cpuSecondsOf(usage)] as const))
    for (const [id, seconds] of seen) this.#seconds += Math.max(0, seconds - (this.#last.get(id) ?? 0))
    this.#last = seen
  }
}

export function totalOf (usages: ReadonlyMap<string, ContainerUsage>, cpuSeconds: number): UsageTotals {
  const all = [...usages.values()]
  return {
    cpuSeconds,
    memTotalBytes: sum(all.map(({ memTotalBytes = 0 }) => memTotalBytes)),
    processes: sum(all.map(({ processes = 0 }) => processes)),
    throttledContainers: all.filter(({ nrThrottled = 0 }) => nrThrottled > 0).length,
  }
}

function cpuSecondsOf ({ cpuUserSeconds = 0, cpuSystemSeconds = 0 }: ContainerUsage): number {
  return cpuUserSeconds + cpuSystemSeconds
}

function sum (amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
