import type { Measured } from './micro/run.ts'

/** Names to the left, figures to the right, each with the unit that suits it. */
export function table (measured: readonly Measured[]): string {
  const rows = [['', 'median', 'p99'], ...measured.map(({ name, medianMs, p99Ms }) => [name, time(medianMs), time(p99Ms)])]
  const width = (column: number): number => Math.max(...rows.map(row => row[column]?.length ?? 0))
  return rows.map(([name = '', ...figures]) => [name.padEnd(width(0)), ...figures.map((figure, i) => figure.padStart(width(i + 1)))].join('  ')).join('\n')
}

function time (ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toPrecision(3)} s`
  return ms >= 1 ? `${ms.toPrecision(3)} ms` : `${(ms * 1000).toPrecision(3)} µs`
}
