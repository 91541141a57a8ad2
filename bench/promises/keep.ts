import { isMet } from '../report/goals.ts'
import { tellValue } from '../report/numbers.ts'
import type { Figure, Report } from '../report/report.ts'
import type { Promised } from './promises.ts'

export interface Kept {
  readonly verdict: 'met' | 'missed' | 'not measured yet'
  /** "p50 7.1 ms, p99 25 ms" */
  readonly seen: string
}

/** What the report of its run says of a promise; a report that lacks the figure, or its goals, is an error. */
export function keptBy (promised: Promised, report: Report | undefined): Kept {
  if (report === undefined) return { verdict: 'not measured yet', seen: '' }
  const figure = report.rows.find(({ name }) => name === promised.figure)
  if (figure === undefined) throw new Error(`the report '${promised.run}' has no figure '${promised.figure}'`)
  const { goals = figure.goals ?? [] } = promised
  if (goals.length === 0) throw new Error(`'${promised.figure}' of the report '${promised.run}' has no goal`)
  return { verdict: goals.every(goal => isMet(figure, goal)) ? 'met' : 'missed', seen: goals.map(({ of }) => tell(figure, of)).join(', ') }
}

function tell (figure: Figure, of: NonNullable<Figure['goals']>[number]['of']): string {
  const value = tellValue(figure[of] ?? NaN, figure.unit)
  return of === 'value' ? value : `${of} ${value}`
}
