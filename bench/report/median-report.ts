import { statistics, type Figure, type Report } from './report.ts'
import { median } from './spread.ts'

/** What several runs of one bench have in common: of each statistic the median over the runs. Curves are of single runs, and left out. */
export function medianReport (reports: readonly [Report, ...Report[]]): Report {
  const { series: _series, stages: _stages, ...first } = reports[0]
  const rows = first.rows.map(figure => medianFigure(figure, reports.flatMap(({ rows }) => rows.filter(({ name }) => name === figure.name))))
  return { ...first, seconds: reports.reduce((sum, { seconds }) => sum + seconds, 0), rows }
}

function medianFigure (figure: Figure, all: readonly Figure[]): Figure {
  const shown = statistics.filter(statistic => figure[statistic] !== undefined)
  const medians = shown.map(statistic => [statistic, median(all.flatMap(one => one[statistic] ?? []))])
  return { ...figure, ...Object.fromEntries(medians) as Partial<Figure> }
}
