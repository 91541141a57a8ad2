import { isMet, tellGoal } from '../goals.ts'
import { tellValue } from '../numbers.ts'
import { statistics, type Figure, type Report, type StageTimes } from '../report.ts'
import { tellMachine, tellRun } from '../table.ts'
import { curves } from './curves.ts'
import { html, type Markup } from './markup.ts'
import { ratios } from './ratios.ts'
import { style } from './style.ts'
import { waterfall } from './waterfall.ts'

/** A report as one file: no script, nothing from elsewhere, to be opened from a disk. */
export function htmlPage (report: Report): string {
  const { bench, machine, startedAt, rows, stages = [], series = [] } = report
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${bench}: ${startedAt}</title>
<style>${style}</style>
</head>
<body>
<h1>${bench}</h1>
<p class="about">${tellRun(report)}, ${startedAt.replace('T', ' ').slice(0, 16)} UTC</p>
<p class="about">${tellMachine(machine)}</p>
${goals(rows)}
${ratios(rows)}
${stages.length > 0 ? waterfall(stages) : []}
${curves(series)}
${figures(rows)}
${stages.length > 0 ? stageTable(stages) : []}
</body>
</html>
`.markup
}

function goals (rows: readonly Figure[]): Markup[] {
  const all = rows.flatMap(figure => (figure.goals ?? []).map(goal => ({ figure, goal, isReached: isMet(figure, goal) })))
  if (all.length === 0) return []
  const missed = all.filter(({ isReached }) => !isReached).length
  return [html`<h2>Goals: ${all.length - missed} of ${all.length} met</h2>
<ul>
${all.map(({ figure, goal, isReached }) => html`<li><span class="${isReached ? 'met' : 'missed'}">${isReached ? '✓ met' : '✗ missed'}</span>
${figure.name}: ${tellValue(figure[goal.of] ?? NaN, figure.unit)} (goal: ${tellGoal(figure, goal)})</li>`)}
</ul>`]
}

function figures (rows: readonly Figure[]): Markup {
  const shown = statistics.filter(statistic => rows.some(row => row[statistic] !== undefined))
  const hasCounts = rows.some(({ count }) => count !== undefined)
  return grid('Figures', ['', ...shown, ...hasCounts ? ['measured'] : []], rows.map(row => [
    row.name,
    ...shown.map(statistic => row[statistic] === undefined ? '' : tellValue(row[statistic], row.unit)),
    ...hasCounts ? [row.count === undefined ? '' : String(row.count)] : [],
  ]))
}

function stageTable (stages: readonly StageTimes[]): Markup {
  return grid('Stages', ['', 'queue p50', 'queue p99', 'p50', 'p95', 'p99'], stages.map(({ stage, queue, took }) =>
    [stage, ...[queue.p50, queue.p99, took.p50, took.p95, took.p99].map(ms => tellValue(ms, 'ms'))]))
}

function grid (title: string, head: readonly string[], rows: ReadonlyArray<readonly string[]>): Markup {
  return html`<h2>${title}</h2>
<div class="wide"><table>
<tr>${head.map(cell => html`<th>${cell}</th>`)}</tr>
${rows.map(row => html`<tr>${row.map(cell => html`<td>${cell}</td>`)}</tr>`)}
</table></div>`
}
