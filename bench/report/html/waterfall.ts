import { tellValue } from '../numbers.ts'
import type { StageTimes } from '../report.ts'
import { html, type Markup } from './markup.ts'
import { scaleOf, type Scale } from './scale.ts'

const width = 720
const [rowHeight, barHeight, nameWidth, timesWidth, axisHeight] = [26, 16, 90, 150, 24]

/** Each stage begins where the one before it ended: first its wait for its turn, then its work. */
export function waterfall (stages: readonly StageTimes[]): Markup[] {
  return [
    drawing('Where a launch spends its time: the median of each stage', stages, 'p50'),
    drawing('The same at the 99th percentile', stages, 'p99'),
  ]
}

interface Bar { readonly stage: string, readonly startMs: number, readonly queueMs: number, readonly tookMs: number }

function drawing (title: string, stages: readonly StageTimes[], share: 'p50' | 'p99'): Markup {
  const bars = barsOf(stages, share)
  const bottom = bars.length * rowHeight
  const scale = scaleOf([0, ...bars.map(bar => bar.startMs + bar.queueMs + bar.tookMs)], [nameWidth, width - timesWidth])
  return html`<figure>
<h2>${title}</h2>
<p class="legend"><span><i class="queue"></i> waiting for its turn</span><span><i class="took"></i> at work</span>
stages that run beside each other are drawn one after the other</p>
<svg viewBox="0 0 ${width} ${bottom + axisHeight}" role="img" aria-label="${title}">
${scale.marks.map(mark => html`<line class="grid" x1="${scale.at(mark)}" x2="${scale.at(mark)}" y1="0" y2="${bottom}"/>
<text class="x" x="${scale.at(mark)}" y="${bottom + 16}">${tellValue(mark, 'ms')}</text>`)}
${bars.map((bar, at) => row(bar, at * rowHeight, scale))}
</svg>
</figure>`
}

function barsOf (stages: readonly StageTimes[], share: 'p50' | 'p99'): Bar[] {
  let startMs = 0
  return stages.map(({ stage, queue, took }) => {
    const [queueMs, tookMs] = [drawable(queue[share]), drawable(took[share])]
    const bar = { stage, startMs, queueMs, tookMs }
    startMs += queueMs + tookMs
    return bar
  })
}

function row ({ stage, startMs, queueMs, tookMs }: Bar, top: number, { at }: Scale): Markup {
  const piece = (name: string, from: number, ms: number): Markup =>
    html`<rect class="${name}" x="${at(from)}" y="${top + (rowHeight - barHeight) / 2}" width="${at(from + ms) - at(from)}" height="${barHeight}"/>`
  const middle = top + rowHeight / 2 + 4
  return html`<g><title>${stage}: ${tellValue(queueMs, 'ms')} waiting, ${tellValue(tookMs, 'ms')} at work</title>
<text class="name" x="0" y="${middle}">${stage}</text>
${[piece('queue', startMs, queueMs), piece('took', startMs + queueMs, tookMs)]}
<text class="y" x="${width}" y="${middle}">${queueMs + tookMs > 0 ? `${tellValue(queueMs, 'ms')} + ${tellValue(tookMs, 'ms')}` : 'not needed'}</text></g>`
}

function drawable (ms: number): number {
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}
