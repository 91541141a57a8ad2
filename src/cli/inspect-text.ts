import { describeState, startOf, type ContainerReport, type Wait } from './container-report.ts'
import { describeAge, describeDuration } from './durations.ts'
import { printable, type Terminal } from './terminal.ts'
import { textTable, type Cell } from './text-table.ts'

/** All about one container, for people. What is not known has no line. */
export function inspectText (report: ContainerReport, terminal: Terminal, nowMs: number): string {
  const titled = (title: string, lines: string): string => `\n${terminal.paint(title, 'bold')}\n${lines}`
  const { waiting_for: waits = [], stages } = report
  return [
    rowLines(factsOf(report, nowMs), terminal),
    waits.length > 0 ? titled('Waits for', waits.map(wait => `  ${printable(describeWait(wait, nowMs))}\n`).join('')) : '',
    report.failure === undefined ? '' : titled('Why it failed', rowLines(failureOf(report), terminal)),
    stages.length > 0 ? titled('Stages', stageTable(report, terminal)) : '',
  ].join('')
}

type Row = readonly [name: string, value: Cell | undefined]

function factsOf (report: ContainerReport, nowMs: number): Row[] {
  const { cpus, mem_bytes: memBytes, exit_code: exitCode, message, failure } = report
  const startMs = startOf(report)
  const state = describeState(report)
  return [
    ['task', report.task_id],
    ['name', report.task_name],
    ['state', state],
    [report.state === 'running' ? 'running for' : 'accepted', startMs === undefined ? undefined : ageOf(report, nowMs - startMs)],
    ['exit code', exitCode === undefined ? undefined : `${exitCode}${report.oom_killed === true ? ' (out of memory)' : ''}`],
    ['message', failure === undefined ? message : undefined],
    ['may still run', report.may_still_run === true ? 'yes: the engine has not confirmed its end' : undefined],
    ['image', report.image],
    ['limits', cpus === undefined || memBytes === undefined ? undefined : `cpus ${cpus}, mem ${Math.round(memBytes / 2 ** 20)} MB`],
    ['network', [report.network, report.ip].filter(part => part !== undefined).join(', ') || undefined],
    ['pid', report.pid === undefined || report.state !== 'running' ? undefined : `${report.pid}`],
    ['framework', [report.framework_id, report.framework_name && `(${report.framework_name})`].filter(Boolean).join(' ')],
    ['executor', report.executor_id],
    ['agent', report.agent_id],
    ['container', report.container_id],
    ['on the engine', [report.container_name, report.engine_id?.slice(0, 12)].filter(part => part !== undefined).join(', ') || undefined],
    ['sandbox', report.sandbox],
  ]
}

function ageOf ({ state }: ContainerReport, ms: number): string {
  return state === 'running' ? describeAge(ms) : `${describeAge(ms)} ago`
}

function failureOf ({ failure }: ContainerReport): Row[] {
  return [['stage', failure?.stage], ['cause', { text: failure?.message ?? '', style: 'red' }], ['code', failure?.code], ['what to do', failure?.hint]]
}

function describeWait ({ text, since }: Wait, nowMs: number): string {
  const sinceMs = Date.parse(since ?? '')
  return Number.isNaN(sinceMs) ? text : `${text}, for ${describeAge(nowMs - sinceMs)}`
}

function rowLines (rows: readonly Row[], terminal: Terminal): string {
  return rows.flatMap(([name, value]) => {
    if (value === undefined) return []
    const { text, style } = typeof value === 'string' ? { text: value } : { style: undefined, ...value }
    return [`  ${name.padEnd(14)}${terminal.paint(printable(text), style)}\n`]
  }).join('')
}

function stageTable ({ stages }: ContainerReport, terminal: Terminal): string {
  const rows = stages.map(({ stage, outcome, started_at: startedAt = '-', queue_ms: queueMs, duration_ms: durationMs }): Cell[] => [
    stage, { text: outcome, style: outcome === 'failed' || outcome === 'timeout' ? 'red' : undefined },
    describeDuration(queueMs), describeDuration(durationMs), startedAt,
  ])
  return textTable(['stage', 'outcome', 'queued', 'took', 'began'], rows, terminal).replace(/^/gm, '  ').replace(/ +$/, '')
}
