import { keyed, pick, single, zeros, type Figures, type Goals, type Reader } from './figures.ts'

const usPerSecond = 1e6

/** File, figures. All of them include what is nested in the container. */
export const v2Files: ReadonlyArray<readonly [file: string, reader: Reader]> = [
  ['cpu.stat', keyed({
    user_usec: ['cpuUserSeconds', usPerSecond],
    system_usec: ['cpuSystemSeconds', usPerSecond],
    nr_periods: 'nrPeriods',
    nr_throttled: 'nrThrottled',
    throttled_usec: ['throttledSeconds', usPerSecond],
  })],
  ['memory.current', single('memTotalBytes')],
  ['memory.peak', single('memPeakBytes')],
  ['memory.max', single('memLimitBytes')],
  ['memory.stat', keyed({ anon: 'memRssBytes', file: 'memCacheBytes', file_mapped: 'memMappedFileBytes' })],
  ['memory.events', keyed({ oom_kill: 'oomKills' })],
  ['pids.current', single('threads')],
  ['io.stat', io],
]

const ioGoals: Goals = { rbytes: 'blkioReadBytes', wbytes: 'blkioWriteBytes', rios: 'blkioReadOperations', wios: 'blkioWriteOperations' }

/** "254:0 rbytes=4096 wbytes=0 rios=1 …": a line for each device that has been used. */
function io (text: string): Figures {
  const pairs = text.split(/\s+/).map(word => word.split('=')).map(([key, value]) => [key, value] as const)
  return pick(ioGoals, [...zeros(ioGoals), ...pairs])
}
