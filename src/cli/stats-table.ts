import { columnsThatFit } from './narrow-columns.ts'
import { cpuOf, type StatsReport, type UsageReport } from './stats-report.ts'
import type { Terminal } from './terminal.ts'
import { textOf, textTable, type Cell } from './text-table.ts'

const head = ['task', 'cpu', 'cpus', 'mem', 'limit', 'mem %', 'throttled', 'procs', 'net in/out', 'block in/out']

/** On a narrow terminal they go one after the other, before a name is cut short. */
const canGo = ['block in/out', 'net in/out', 'throttled', 'procs', 'mem %'].map(name => head.indexOf(name))

/** One row a container; CPU is cores in use between two looks. What the kernel does not tell is a dash. */
export function statsTable (before: readonly StatsReport[], now: readonly StatsReport[], terminal: Terminal): string {
  const earlier = new Map(before.map(one => [one.container_id, one.usage]))
  const rows = now.map(one => row(one, earlier.get(one.container_id)))
  const columns = columnsThatFit([head, ...rows.map(cells => cells.map(textOf))], canGo, terminal.columns)
  const only = <T>(cells: readonly T[]): T[] => cells.filter((_, at) => columns.includes(at))
  return textTable(only(head), rows.map(only), terminal)
}

/** The busiest first, as many as there are lines for; the last one says how many more there are. */
export function liveTable (before: readonly StatsReport[], now: readonly StatsReport[], terminal: Terminal, lines: number): string {
  const earlier = new Map(before.map(one => [one.container_id, one.usage]))
  const cpu = ({ container_id: id, usage }: StatsReport): number => { const was = earlier.get(id); return was === undefined ? 0 : cpuOf(was, usage) ?? 0 }
  const busiest = [...now].sort((a, b) => cpu(b) - cpu(a) || (a.task_id < b.task_id ? -1 : 1))
  // One line is the head, one the place of the cursor below.
  const room = Math.max(1, lines - 2)
  if (busiest.length <= room) return statsTable(before, busiest, terminal)
  const shown = Math.max(1, room - 1)
  return `${statsTable(before, busiest.slice(0, shown), terminal)}${terminal.paint(`… and ${busiest.length - shown} more`, 'dim')}\n`
}

function row ({ task_id: id, cpus, mem_bytes: memBytes, usage }: StatsReport, earlier: UsageReport | undefined): Cell[] {
  const { mem_total_bytes: used, nr_periods: periods = 0, nr_throttled: throttled = 0 } = usage
  const cpu = earlier === undefined ? undefined : cpuOf(earlier, usage)
  const limit = usage.mem_limit_bytes ?? memBytes
  return [
    id, cpu === undefined ? '-' : cpu.toFixed(2), `${cpus}`, amount(used), amount(limit),
    used === undefined || limit === 0 ? '-' : percent(used / limit),
    periods === 0 ? '-' : percent(throttled / periods), `${usage.processes ?? '-'}`,
    pair(usage.net_rx_bytes, usage.net_tx_bytes), pair(usage.blkio_read_bytes, usage.blkio_write_bytes),
  ]
}

function percent (share: number): Cell {
  return { text: `${Math.round(share * 100)}%`, style: share >= 0.9 ? 'red' : share >= 0.75 ? 'yellow' : undefined }
}

function pair (a: number | undefined, b: number | undefined): string {
  return a === undefined && b === undefined ? '-' : `${amount(a)} / ${amount(b)}`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB']

function amount (bytes: number | undefined): string {
  if (bytes === undefined) return '-'
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  const value = bytes / 1024 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power] ?? ''}`
}
