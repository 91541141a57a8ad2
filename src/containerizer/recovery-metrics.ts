import { Counter, type Registry } from 'prom-client'
import { verdicts, type Verdict } from './recovery-table.ts'

/** Counts what became of the containers of an earlier run. */
export function recoveryMetrics (registry: Registry): (verdict: Verdict) => void {
  const recovered = new Counter({
    name: 'slipway_recovered_containers_total', help: 'Containers of an earlier run of the agent, by what became of them.', labelNames: ['verdict'],
    registers: [registry],
  })
  for (const verdict of verdicts) recovered.inc({ verdict }, 0)
  return verdict => { recovered.inc({ verdict }) }
}
