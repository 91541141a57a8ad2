import { tellValue } from '../numbers.ts'
import type { Figure } from '../report.ts'
import { html, type Markup } from './markup.ts'
import { scaleOf } from './scale.ts'

const width = 720
const [rowHeight, nameHeight, barHeight, axisHeight] = [42, 18, 16, 24]

/** Figures that are ratios as bars beside the line of 1, with a notch where a goal is. */
export function ratios (rows: readonly Figure[]): Markup[] {
  const shown = rows.filter(({ unit, value, p50 }) => unit === '×' && Number.isFinite(value ?? p50))
  if (shown.length === 0) return []
  const bottom = shown.length * rowHeight
  const { at, marks } = scaleOf([0, 1, ...shown.map(valueOf), ...shown.flatMap(boundsOf)], [12, width - 70])
  return [html`<figure>
<h2>Ratios</h2>
<svg viewBox="0 0 ${width} ${bottom + axisHeight}" role="img" aria-label="Ratios">
${marks.map(mark => html`<text class="x" x="${at(mark)}" y="${bottom + 16}">${tellValue(mark, '×')}</text>`)}
<line class="one" x1="${at(1)}" x2="${at(1)}" y1="0" y2="${bottom}"/>
${shown.map((figure, i) => bar(figure, i * rowHeight, at))}
</svg>
<p class="legend"><span><i class="notch"></i> goal</span><span>dashed: 1 ×</span></p>
</figure>`]
}

function bar (figure: Figure, top: number, at: (value: number) => number): Markup {
  const barTop = top + nameHeight
  return html`<text class="name" x="0" y="${top + nameHeight - 5}">${figure.name}</text>
<rect class="took" x="${at(0)}" y="${barTop}" width="${at(valueOf(figure)) - at(0)}" height="${barHeight}"/>
<text class="y" x="${width}" y="${barTop + barHeight - 4}">${tellValue(valueOf(figure), '×')}</text>
${boundsOf(figure).map(bound => html`<line class="goal" x1="${at(bound)}" x2="${at(bound)}" y1="${barTop - 3}" y2="${barTop + barHeight + 3}"/>`)}`
}

function valueOf ({ value, p50 }: Figure): number {
  return value ?? p50 ?? NaN
}

function boundsOf ({ goals = [] }: Figure): number[] {
  return goals.map(goal => 'atMost' in goal ? goal.atMost : goal.atLeast)
}
