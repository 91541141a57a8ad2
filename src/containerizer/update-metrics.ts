import { Counter, type Registry } from 'prom-client'

/** `unseen`: the engine has taken the limits, and the container's cgroups are not to be found from here. */
const outcomes = ['verified', 'differs', 'unseen', 'refused'] as const
export type UpdateOutcome = typeof outcomes[number]

export function updateMetrics (registry: Registry): (outcome: UpdateOutcome) => void {
  const updates = new Counter({
    name: 'slipway_updates_total', help: 'Updates of running containers, by what the kernel\'s files said afterwards.', labelNames: ['outcome'],
    registers: [registry],
  })
  for (const outcome of outcomes) updates.inc({ outcome }, 0)
  return outcome => { updates.inc({ outcome }) }
}
