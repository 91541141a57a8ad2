import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { checkKinds, type CheckKind, type Finding } from './check.ts'

const outcomes = ['good', 'bad', 'not made'] as const

export type CheckMetrics = ReturnType<typeof checkMetrics>

export function checkMetrics (registry: Registry) {
  const registers = [registry]
  const looks = new Counter({
    name: 'slipway_checks_total', help: 'Checks and health checks of containers made, by what they found.', labelNames: ['kind', 'outcome'], registers,
  })
  const lateness = new Histogram({
    name: 'slipway_check_lateness_seconds', help: 'How long after its time a check began.', labelNames: ['kind'], registers,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  })
  const helpers = new Gauge({
    name: 'slipway_check_helpers', help: 'Processes kept in the networks of containers for checks on their loopback.', registers,
  })
  for (const kind of checkKinds) {
    lateness.zero({ kind })
    for (const outcome of outcomes) looks.inc({ kind, outcome }, 0)
  }
  return {
    helpersKept (count: number): void { helpers.set(count) },
    began (kind: CheckKind, lateMs: number): void { lateness.observe({ kind }, lateMs / 1000) },
    ended (kind: CheckKind, finding: Finding | undefined): void {
      looks.inc({ kind, outcome: finding === undefined ? 'not made' : finding.isGood ? 'good' : 'bad' })
    },
  }
}
