import { tellValue } from '../numbers.ts'
import type { Series } from '../report.ts'
import { html, type Markup } from './markup.ts'
import { scaleOf, type Scale } from './scale.ts'

const [width, height] = [720, 260]
const inside = { left: 64, right: width - 16, top: 26, bottom: height - 44 }
/** As many as the style sheet has colours and dashes for. */
const looks = 5

/** One drawing for the series of each chart, in the order in which they come. */
export function curves (series: readonly Series[]): Markup[] {
  const charts = [...new Set(series.map(({ chart }) => chart))]
  return charts.map(chart => figure(chart, series.filter(one => one.chart === chart)))
}

function figure (chart: string, series: readonly Series[]): Markup {
  const points = series.flatMap(one => one.points)
  const x = scaleOf(points.map(([at]) => at), [inside.left, inside.right], 8)
  const y = scaleOf([0, ...points.map(([, value]) => value)], [inside.bottom, inside.top])
  const [{ unit, x: xLabel } = { unit: '', x: '' }] = series
  return html`<figure>
<h2>${chart}</h2>
${series.length > 1 ? legend(series) : []}
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${chart}">
${y.marks.map(mark => html`<line class="grid" x1="${inside.left}" x2="${inside.right}" y1="${y.at(mark)}" y2="${y.at(mark)}"/>
<text class="y" x="${inside.left - 8}" y="${y.at(mark) + 4}">${tellValue(mark, isShort(unit) ? unit : '')}</text>`)}
<text x="0" y="12">${isShort(unit) ? '' : unit}</text>
${x.marks.map(mark => html`<text class="x" x="${x.at(mark)}" y="${inside.bottom + 18}">${mark}</text>`)}
<text class="x label" x="${(inside.left + inside.right) / 2}" y="${height - 6}">${xLabel}</text>
${series.map((one, at) => line(one, at, { x, y }))}
</svg>
</figure>`
}

/** A longer unit stands once, above its axis. */
function isShort (unit: string): boolean {
  return unit.length <= 2
}

function legend (series: readonly Series[]): Markup {
  return html`<p class="legend">${series.map(({ name }, at) =>
    html`<span><svg viewBox="0 0 24 8"><line class="line look${at % looks}" x1="0" x2="24" y1="4" y2="4"/></svg> ${name}</span>`)}</p>`
}

/** Dots carry the figures for whoever points at them; where there are many, the line alone is easier to read. */
function line ({ name, unit, points }: Series, at: number, { x, y }: { x: Scale, y: Scale }): Markup {
  const drawn = points.filter(point => point.every(Number.isFinite))
  const path = drawn.map(([px, py]) => `${x.at(px).toFixed(1)},${y.at(py).toFixed(1)}`).join(' ')
  const dots = drawn.length > 80 ? [] : drawn.map(([px, py]) =>
    html`<circle class="dot look${at % looks}" cx="${x.at(px)}" cy="${y.at(py)}" r="3"><title>${name}, ${px}: ${tellValue(py, unit)}</title></circle>`)
  return html`<polyline class="line look${at % looks}" points="${path}"/>
${dots}`
}
