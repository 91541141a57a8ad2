import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatsReport } from '../../../src/cli/stats-report.ts'
import { liveTable, statsTable } from '../../../src/cli/stats-table.ts'
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

const many = (count: number, cpuSeconds: (at: number) => number, timestamp: number): StatsReport[] => Array.from({ length: count }, (_, at) => ({
  ...report({ timestamp, cpu_user_seconds: cpuSeconds(at) }), container_id: `c${at}`, task_id: `a-task-with-a-long-name-${at}`,
}))

test('the live table has the busiest first, no more lines than the terminal, and says how many are left out', () => {
  const text = liveTable(many(30, () => 0, 1), many(30, at => at / 100, 2), pipe, 24)
  const lines = text.split('\n')
  assert.equal(lines.length, 24)
  assert.match(lines[1] ?? '', /^a-task-with-a-long-name-29 +0\.29 /)
  assert.equal(lines[22], '… and 9 more')
  assert.equal(liveTable([], many(22, () => 0, 1), pipe, 24).split('\n').length, 24)
  assert.doesNotMatch(liveTable([], many(22, () => 0, 1), pipe, 24), /more/)
})

test('on a narrow terminal columns go before names are cut', () => {
  const narrow = terminalOf({ isTTY: true, columns: 80 }, { NO_COLOR: '1' })
  const [head = '', row = ''] = statsTable([], many(1, () => 0, 1), narrow).split('\n')
  assert.match(head, /^TASK +CPU +CPUS +MEM +LIMIT +MEM % +THROTTLED +PROCS$/)
  assert.match(row, /^a-task-with-a-long-name-0 /)
  const tiny = terminalOf({ isTTY: true, columns: 30 }, { NO_COLOR: '1' })
  for (const line of statsTable([], many(1, () => 0, 1), tiny).split('\n')) assert.ok(line.length <= 60, line)
})
