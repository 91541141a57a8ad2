import type { Report } from '../../../bench/report/report.ts'

export const sampleReport: Report = {
  schema: 1,
  bench: 'launch',
  options: { count: 200, network: 'host', image: '' },
  revision: { name: 'abc1234', isDirty: true },
  startedAt: '2026-01-02T03:04:05.678Z',
  seconds: 61.4,
  machine: {
    cores: 2, cpu: 'Some CPU', memoryMb: 8000, kernel: '6.1.0', node: 'v20.20.0',
    engine: { version: '20.10.24', storageDriver: 'overlay2', cgroupVersion: '1' },
  },
  rows: [
    { name: 'rate', unit: 'launches/s', value: 27.123, better: 'higher', goals: [{ of: 'value', atLeast: 25 }] },
    { name: 'added latency', unit: 'ms', p50: 7.891, p99: 25, count: 200, better: 'lower', goals: [{ of: 'p50', atMost: 8 }, { of: 'p99', atMost: 20 }] },
    { name: 'ours to raw', unit: '×', value: 0.96, better: 'higher' },
  ],
  stages: [{ stage: 'create', queue: { p50: 0.0456, p99: 12.5 }, took: { p50: 20, p95: 31.25, p99: 1234 } }],
  series: [{ chart: 'launches a second', name: 'ours', unit: 'launches/s', x: 'seconds since the start', points: [[0, 27], [1, 28.5]] }],
}
