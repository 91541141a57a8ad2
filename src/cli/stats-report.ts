/** One container as GET /slipway/v1/stats tells it; figures that the kernel does not tell are absent. */
export interface StatsReport {
  readonly container_id: string
  readonly task_id: string
  readonly framework_id: string
  readonly cpus: number
  readonly mem_bytes: number
  readonly usage: UsageReport
}

export interface UsageReport {
  /** Seconds since the epoch. */
  readonly timestamp: number
  readonly cpu_user_seconds?: number
  readonly cpu_system_seconds?: number
  readonly nr_periods?: number
  readonly nr_throttled?: number
  readonly mem_total_bytes?: number
  readonly mem_limit_bytes?: number
  readonly processes?: number
  readonly net_rx_bytes?: number
  readonly net_tx_bytes?: number
  readonly blkio_read_bytes?: number
  readonly blkio_write_bytes?: number
}

/** Cores in use between two looks; undefined where they are one and the same. */
export function cpuOf (before: UsageReport, now: UsageReport): number | undefined {
  const seconds = now.timestamp - before.timestamp
  return seconds > 0 ? Math.max(0, (cpuSeconds(now) - cpuSeconds(before)) / seconds) : undefined
}

function cpuSeconds ({ cpu_user_seconds: user = 0, cpu_system_seconds: system = 0 }: UsageReport): number {
  return user + system
}
