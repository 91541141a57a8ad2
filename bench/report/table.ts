import { columns } from './columns.ts'
import { tellVerdicts } from './goals.ts'
import { tellValue } from './numbers.ts'
import { statistics, type Report, type StageTimes } from './report.ts'

/** A report for people at a terminal. */
export function reportTable (report: Report): string {
  const parts = [heading(report), figures(report), ...report.stages === undefined ? [] : [stages(report.stages)]]
  return parts.join('\n\n')
}

function heading (report: Report): string {
  return `${tellRun(report)}\n${tellMachine(report.machine)}`
}

export function tellRun ({ bench, options, revision, seconds }: Report): string {
  const given = Object.entries(options).filter(([, value]) => value !== '').map(([name, value]) => ` --${name} ${value}`).join('')
  return `${bench}${given}: ${seconds.toFixed(0)} s at revision ${revision.name}${revision.isDirty ? ' with changes' : ''}`
}

export function tellMachine ({ cores, cpu, memoryMb, kernel, node, engine }: Report['machine']): string {
  const host = `${cores} × ${cpu}, ${memoryMb} MB, Linux ${kernel}, Node ${node}`
  return engine === undefined ? host : `${host}, Docker ${engine.version} with ${engine.storageDriver}, cgroup v${engine.cgroupVersion}`
}

/** Only the statistics that some figure has. */
function figures ({ rows }: Report): string {
  const shown = statistics.filter(statistic => rows.some(row => row[statistic] !== undefined))
  const hasGoals = rows.some(({ goals = [] }) => goals.length > 0)
  const head = ['', ...shown.map(statistic => statistic === 'value' ? '' : statistic), ...hasGoals ? ['goal'] : []]
  return columns([head, ...rows.map(row => [
    row.name,
    ...shown.map(statistic => row[statistic] === undefined ? '' : tellValue(row[statistic], row.unit)),
    ...hasGoals ? [tellVerdicts(row)] : [],
  ])])
}

function stages (times: readonly StageTimes[]): string {
  const tell = (ms: number): string => tellValue(ms, 'ms')
  return columns([
    ['stage', 'queue p50', 'queue p99', 'p50', 'p95', 'p99'],
    ...times.map(({ stage, queue, took }) => [stage, ...[queue.p50, queue.p99, took.p50, took.p95, took.p99].map(tell)]),
  ])
}
