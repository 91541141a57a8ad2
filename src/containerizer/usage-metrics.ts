import { Counter, Gauge, type Registry } from 'prom-client'
import type { UsageTotals } from './usage-totals.ts'

const nothing: UsageTotals = { cpuSeconds: 0, memTotalBytes: 0, processes: 0, throttledContainers: 0 }

/** What all running containers use together, read when it is asked for; answers the function that says whom. */
export function usageMetrics (registry: Registry): (read: () => Promise<UsageTotals>) => void {
  const registers = [registry]
  let last = nothing
  let read = (): Promise<UsageTotals> => Promise.resolve(nothing)
  // Where nothing can be read, what was read last stands; the failure is counted as that of the stage `usage`.
  const totals = async (): Promise<UsageTotals> => await read().then(now => last = now, () => last)
  let told = 0
  new Counter({
    name: 'slipway_containers_cpu_seconds_total', help: 'CPU time of containers, as far as it was seen when they were read.', registers,
    async collect () {
      const { cpuSeconds } = await totals()
      // Two scrapes at once may end in either order.
      this.inc(Math.max(0, cpuSeconds - told))
      told = Math.max(told, cpuSeconds)
    },
  })
  new Gauge({
    name: 'slipway_containers_memory_bytes', help: 'Memory of all running containers, page cache included.', registers,
    async collect () { this.set((await totals()).memTotalBytes) },
  })
  new Gauge({
    name: 'slipway_containers_processes', help: 'Processes of all running containers.', registers,
    async collect () { this.set((await totals()).processes) },
  })
  new Gauge({
    name: 'slipway_containers_throttled', help: 'Running containers whose CPU quota has run dry at least once.', registers,
    async collect () { this.set((await totals()).throttledContainers) },
  })
  return asked => { read = asked }
}
