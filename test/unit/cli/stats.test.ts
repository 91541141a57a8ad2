import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatsReport } from '../../../src/cli/stats-report.ts'
import { statsTable } from '../../../src/cli/stats-table.ts'
import { terminalOf } from '../../../src/cli/terminal.ts'

const pipe = terminalOf({})
const report = (usage: StatsReport['usage']): StatsReport =>
  ({ container_id: 'c1', task_id: 'web', framework_id: 'f', cpus: 0.5, mem_bytes: 64 << 20, usage })

test('CPU is what was used between two looks', () => {
  const before = report({ timestamp: 10, cpu_user_seconds: 1, cpu_system_seconds: 1 })
  const now = report({
    timestamp: 12, cpu_user_seconds: 1.5, cpu_system_seconds: 1, mem_total_bytes: 16 << 20, mem_limit_bytes: 64 << 20, processes: 3,
    nr_periods: 10, nr_throttled: 5, net_rx_bytes: 1536, net_tx_bytes: 10,
  })
  assert.match(statsTable([before], [now], pipe), /\nweb +0\.25 +0\.5 +16 MB +64 MB +25% +50% +3 +1\.5 kB \/ 10 B +-\n$/)
})

test('what is not known is a dash', () => {
  assert.match(statsTable([], [report({ timestamp: 1 })], pipe), /\nweb +- +0\.5 +- +64 MB +- +- +- +- +-\n$/)
})
