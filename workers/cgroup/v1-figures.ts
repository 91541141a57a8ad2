import { keyed, pick, single, type Figures, type Goals, type Reader } from './figures.ts'

/** The unit of CPU time towards user space, on every architecture that an engine runs on. */
const ticksPerSecond = 100
const nsPerSecond = 1e9

/** Without a limit the kernel shows the largest whole number of pages that it can count. */
const noLimitBytes = 2 ** 62

const ioBytes = perDevice({ Read: 'blkioReadBytes', Write: 'blkioWriteBytes' })
const ioOperations = perDevice({ Read: 'blkioReadOperations', Write: 'blkioWriteOperations' })

/**
 * Controller, file, figures. Where several files tell the same, the last that does is believed. Block I/O: the throttling layer sees it
 * all where it counts (newer kernels: once a limit is set), BFQ sees the disks that it schedules. Neither may: then it is not told.
 */
export const v1Files: ReadonlyArray<readonly [controller: string, file: string, reader: Reader]> = [
  ['cpuacct', 'cpuacct.stat', keyed({ user: ['cpuUserSeconds', ticksPerSecond], system: ['cpuSystemSeconds', ticksPerSecond] })],
  ['cpu', 'cpu.stat', keyed({ nr_periods: 'nrPeriods', nr_throttled: 'nrThrottled', throttled_time: ['throttledSeconds', nsPerSecond] })],
  ['memory', 'memory.usage_in_bytes', single('memTotalBytes')],
  ['memory', 'memory.max_usage_in_bytes', single('memPeakBytes')],
  ['memory', 'memory.limit_in_bytes', limit],
  ['memory', 'memory.stat', keyed({ total_rss: 'memRssBytes', total_cache: 'memCacheBytes', total_mapped_file: 'memMappedFileBytes' })],
  ['memory', 'memory.oom_control', keyed({ oom_kill: 'oomKills' })],
  ['pids', 'pids.current', single('threads')],
  ['blkio', 'blkio.throttle.io_service_bytes', ioBytes],
  ['blkio', 'blkio.throttle.io_serviced', ioOperations],
  ['blkio', 'blkio.bfq.io_service_bytes_recursive', ioBytes],
  ['blkio', 'blkio.bfq.io_serviced_recursive', ioOperations],
  ['blkio', 'blkio.throttle.io_service_bytes_recursive', ioBytes],
  ['blkio', 'blkio.throttle.io_serviced_recursive', ioOperations],
]

function limit (text: string): Figures {
  return Number(text) < noLimitBytes ? single('memLimitBytes')(text) : {}
}

/** "254:0 Read 4096": a line for each device and kind. */
function perDevice (goals: Goals): Reader {
  return text => pick(goals, text.split('\n').map(line => line.split(' ')).map(([, kind, value]) => [kind, value]))
}
