import { tellValue } from './numbers.ts'
import type { Figure, Goal } from './report.ts'

/** Whether a figure reaches its goal; one that was not measured does not. */
export function isMet (figure: Figure, goal: Goal): boolean {
  const value = figure[goal.of] ?? NaN
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast
}

/** "p99 ≤ 20 ms" */
export function tellGoal ({ unit }: Figure, goal: Goal): string {
  const bound = 'atMost' in goal ? `≤ ${tellValue(goal.atMost, unit)}` : `≥ ${tellValue(goal.atLeast, unit)}`
  return goal.of === 'value' ? bound : `${goal.of} ${bound}`
}

/** "met: p50 ≤ 8 ms, missed: p99 ≤ 20 ms"; nothing without goals. */
export function tellVerdicts (figure: Figure): string {
  return (figure.goals ?? []).map(goal => `${isMet(figure, goal) ? 'met' : 'MISSED'}: ${tellGoal(figure, goal)}`).join(', ')
}
