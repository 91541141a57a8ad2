import { tellValue } from '../numbers.ts'
import type { Figure } from '../report.ts'
import { html, type Markup } from './markup.ts'
import { scaleOf } from './scale.ts'

const width = 720
const [rowHeight, barHeight, nameWidth, axisHeight] = [30, 16, 260, 24]

/** Figures that are ratios as bars beside the line of 1, with a notch where a goal is. */
export function ratios (rows: readonly Figure[]): Markup[] {
  const shown = rows.filter(({ unit, value, p50 }) => unit === '×' && Number.isFinite(value ?? p50))
  if (shown.length === 0) return []
  const valueOf = ({ value, p50 }: Figure): number => value ?? p50 ?? NaN
  const bottom = shown.length * rowHeight
  const { at, marks } = scaleOf([0, 1, ...shown.map(valueOf), ...shown.flatMap(boundsOf)], [nameWidth, width - 70])
  return [html`<figure>
<h2>Ratios</h2>
<svg viewBox="0 0 ${width} ${bottom + axisHeight}" role="img" aria-label="Ratios">
${marks.map(mark => html`<text class="x" x="${at(mark)}" y="${bottom + 16}">${tellValue(mark, '×')}</text>`)}
<line class="one" x1="${at(1)}" x2="${at(1)}" y1="0" y2="${bottom}"/>
${shown.map((figure, i) => html`<text class="name" x="0" y="${i * rowHeight + rowHeight / 2 + 4}">${figure.name}</text>
<rect class="took" x="${at(0)}" y="${i * rowHeight + (rowHeight - barHeight) / 2}" width="${at(valueOf(figure)) - at(0)}" height="${barHeight}"/>
<text class="y" x="${width}" y="${i * rowHeight + rowHeight / 2 + 4}">${tellValue(valueOf(figure), '×')}</text>
${boundsOf(figure).map(bound => html`<line class="goal" x1="${at(bound)}" x2="${at(bound)}" y1="${i * rowHeight + 2}" y2="${(i + 1) * rowHeight - 2}"/>`)}`)}
</svg>
<p class="legend"><span><i class="notch"></i> goal</span><span>dashed: 1 ×</span></p>
</figure>`]
}

function boundsOf ({ goals = [] }: Figure): number[] {
  return goals.map(goal => 'atMost' in goal ? goal.atMost : goal.atLeast)
}
