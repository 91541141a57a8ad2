import type { v1 } from '../wire/messages.ts'

/** What one step of the task label `slipway.priority` is worth in waiting time: whoever waits that much longer goes first, so nothing waits for ever. */
const msPerStep = 10_000
const maxSteps = 1_000

/** The place of a launch among launches, set once: higher goes first. `arrivedAtMs` is on the monotonic clock. */
export function launchPriority (labels: v1.Labels | undefined, arrivedAtMs: number): number {
  const steps = Number(labels?.labels?.find(({ key }) => key === 'slipway.priority')?.value ?? 0)
  const bounded = Number.isFinite(steps) ? Math.min(Math.max(steps, -maxSteps), maxSteps) : 0
  return bounded * msPerStep - arrivedAtMs
}
