/**
 * What a container uses, as the kernel tells it; what it does not tell (a controller that is off, an older kernel) is absent.
 * Seconds, operations, packets, errors and kills are counted since the container's start.
 */
export interface ContainerUsage {
  /** When it was read, in seconds since the epoch. */
  readonly timestamp: number
  readonly cpuUserSeconds?: number
  readonly cpuSystemSeconds?: number
  /** Periods of the CPU quota that have passed, and those of them in which it ran dry. */
  readonly nrPeriods?: number
  readonly nrThrottled?: number
  readonly throttledSeconds?: number
  /** All that counts towards the limit, page cache included. */
  readonly memTotalBytes?: number
  readonly memRssBytes?: number
  readonly memCacheBytes?: number
  readonly memMappedFileBytes?: number
  /** Absent when there is none. */
  readonly memLimitBytes?: number
  readonly memPeakBytes?: number
  readonly oomKills?: number
  readonly processes?: number
  readonly threads?: number
  readonly blkioReadBytes?: number
  readonly blkioWriteBytes?: number
  readonly blkioReadOperations?: number
  readonly blkioWriteOperations?: number
  /** Of all its network interfaces but loopback. Absent on host networking: they would be the host's. */
  readonly netRxBytes?: number
  readonly netRxPackets?: number
  readonly netRxErrors?: number
  readonly netRxDropped?: number
  readonly netTxBytes?: number
  readonly netTxPackets?: number
  readonly netTxErrors?: number
  readonly netTxDropped?: number
}
