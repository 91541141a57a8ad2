import { availableParallelism, freemem, loadavg, totalmem } from 'node:os'

/** The host, as /system/stats.json of Mesos tells it. */
export function hostStats (): Record<string, number> {
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg()
  return {
    avg_load_15min: load15, avg_load_1min: load1, avg_load_5min: load5,
    cpus_total: availableParallelism(), mem_free_bytes: freemem(), mem_total_bytes: totalmem(),
  }
}

export function hostFigures (): Record<string, number> {
  const { avg_load_1min: load1 = 0, avg_load_5min: load5 = 0, avg_load_15min: load15 = 0, ...rest } = hostStats()
  const named = { ...rest, load_1min: load1, load_5min: load5, load_15min: load15 }
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [`system/${name}`, value]))
}
