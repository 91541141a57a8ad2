import { columns } from './columns.ts'
import { tellValue } from './numbers.ts'
import { statistics, type Figure, type Report, type Statistic } from './report.ts'
import { tellMachine, tellRun } from './table.ts'

/** A statistic of a figure in both reports. */
export interface Compared {
  readonly name: string
  readonly statistic: Statistic
  readonly unit: string
  readonly a: number
  readonly b: number
  /** b to a. */
  readonly ratio: number
  readonly better?: 'a' | 'b' | 'neither'
}

/** Differences below this are nobody's merit. */
const evenShare = 0.01
/** The maximum of some hundred measurements is chance. */
const compared = statistics.filter(statistic => statistic !== 'max')

/** Every figure that both have; reports of different benches cannot be compared. */
export function compare (a: Report, b: Report): Compared[] {
  if (a.bench !== b.bench) throw new Error(`one is of the bench '${a.bench}', the other of '${b.bench}': their figures cannot be compared`)
  return a.rows.flatMap(figure => {
    const other = b.rows.find(({ name, unit }) => name === figure.name && unit === figure.unit)
    return other === undefined ? [] : compared.flatMap(statistic => compareOne(statistic, figure, other))
  })
}

function compareOne (statistic: Statistic, figure: Figure, other: Figure): Compared[] {
  const { name, unit, better, [statistic]: a } = figure
  const { [statistic]: b } = other
  if (a === undefined || b === undefined) return []
  const ratio = a === b ? 1 : b / a
  return [{ name, statistic, unit, a, b, ratio, ...better !== undefined && { better: whichIsBetter(ratio, better) } }]
}

function whichIsBetter (ratio: number, better: 'lower' | 'higher'): 'a' | 'b' | 'neither' {
  if (Number.isNaN(ratio) || Math.abs(ratio - 1) < evenShare) return 'neither'
  return (ratio < 1) === (better === 'lower') ? 'b' : 'a'
}

/** Both circumstances, so that nobody compares what differs in more than it seems; then figure by figure. */
export function comparisonTable (a: Report, b: Report): string {
  const rows = compare(a, b)
  const lonely = [...missing('A', a, b), ...missing('B', b, a)]
  return [
    `A  ${tellRun(a)}\n   ${tellMachine(a.machine)}`,
    `B  ${tellRun(b)}\n   ${tellMachine(b.machine)}`,
    columns([['', '', 'A', 'B', 'B to A', 'better'], ...rows.map(row => [
      row.name, row.statistic === 'value' ? '' : row.statistic, tellValue(row.a, row.unit), tellValue(row.b, row.unit), tellValue(row.ratio, '×'),
      tellBetter(row.better),
    ])]),
    ...lonely.length > 0 ? [lonely.join('\n')] : [],
  ].join('\n\n')
}

function tellBetter (better: Compared['better']): string {
  if (better === undefined) return ''
  return better === 'neither' ? 'even' : better.toUpperCase()
}

function missing (name: string, one: Report, other: Report): string[] {
  const others = new Set(other.rows.map(row => row.name))
  return one.rows.filter(row => !others.has(row.name)).map(row => `only ${name} has: ${row.name}`)
}
