import type { Task } from '../agent/task.ts'
import type { ContainerUsage } from '../model/container-usage.ts'
import { executorName } from './state/executor-name.ts'

/** Mesos's name of a figure → ours, in the order in which Mesos tells them. */
const mesosNames = {
  cpus_nr_periods: 'nrPeriods',
  cpus_nr_throttled: 'nrThrottled',
  cpus_system_time_secs: 'cpuSystemSeconds',
  cpus_throttled_time_secs: 'throttledSeconds',
  cpus_user_time_secs: 'cpuUserSeconds',
  mem_cache_bytes: 'memCacheBytes',
  mem_limit_bytes: 'memLimitBytes',
  mem_mapped_file_bytes: 'memMappedFileBytes',
  mem_rss_bytes: 'memRssBytes',
  mem_total_bytes: 'memTotalBytes',
  net_rx_bytes: 'netRxBytes',
  net_rx_dropped: 'netRxDropped',
  net_rx_errors: 'netRxErrors',
  net_rx_packets: 'netRxPackets',
  net_tx_bytes: 'netTxBytes',
  net_tx_dropped: 'netTxDropped',
  net_tx_errors: 'netTxErrors',
  net_tx_packets: 'netTxPackets',
  processes: 'processes',
  threads: 'threads',
  timestamp: 'timestamp',
} as const satisfies Record<string, keyof ContainerUsage>

/** One entry of a Mesos agent's /monitor/statistics. */
export function monitorEntry (task: Task, usage: ContainerUsage): object {
  return { ...identityOf(task), statistics: statisticsOf(task, usage) }
}

/** One entry of a Mesos agent's /containers; what could not be read is left out. */
export function containersEntry (task: Task, usage: ContainerUsage | undefined): object {
  return {
    container_id: task.containerId,
    ...identityOf(task),
    ...(usage && { statistics: statisticsOf(task, usage) }),
    status: { container_id: { value: task.containerId } },
  }
}

/** One entry of /slipway/v1/stats: every figure there is. */
export function statsEntry (task: Task, usage: ContainerUsage): object {
  const { containerId, taskId, frameworkId, container: { limits } } = task
  return {
    container_id: containerId, task_id: taskId, task_name: task.info.name, framework_id: frameworkId,
    cpus: limits.cpus, mem_bytes: limits.memBytes,
    usage: Object.fromEntries(Object.entries(usage).map(([name, value]) => [snakeCase(name), value])),
  }
}

function identityOf ({ taskId, info, frameworkId, executor }: Task): object {
  if (executor !== undefined) {
    const { executorId, info: { name = '', source = '' } } = executor
    return { executor_id: executorId, executor_name: name, framework_id: frameworkId, source }
  }
  return { executor_id: taskId, executor_name: executorName(info), framework_id: frameworkId, source: taskId }
}

function statisticsOf ({ container }: Task, usage: ContainerUsage): object {
  const figures = Object.entries(mesosNames).map(([mesos, ours]) => [mesos, usage[ours]] as const)
  const told = Object.fromEntries(figures.filter(([, value]) => value !== undefined))
  return { cpus_soft_limit: container.limits.cpus, ...told }
}

function snakeCase (name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
