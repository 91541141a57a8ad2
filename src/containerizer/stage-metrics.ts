import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { errorCodes, type ErrorCode } from '../model/errors.ts'
import { operations, type Operation } from './operations.ts'
import { outcomes, type Outcome } from './timeline.ts'

/** What the lanes tell of themselves when asked. */
interface LaneView { waiting (stage: Operation): number, overdue (): number, launchesArePaused (): boolean }

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** Stages, lanes, gate and quarantine. */
export function stageMetrics (registry: Registry) {
  const registers = [registry]
  const duration = new Histogram({
    name: 'slipway_stage_duration_seconds', help: 'Time a stage took, its queue not counted.', labelNames: ['stage', 'outcome'], buckets, registers,
  })
  const queued = new Histogram({
    name: 'slipway_stage_queue_seconds', help: 'Time a stage waited for its turn.', labelNames: ['stage'], buckets, registers,
  })
  const inFlight = new Gauge({ name: 'slipway_stage_in_flight', help: 'Operations of a stage under way now.', labelNames: ['stage'], registers })
  const failures = new Counter({ name: 'slipway_stage_failures_total', help: 'Stages that failed, by error code.', labelNames: ['stage', 'code'], registers })
  for (const stage of operations) {
    for (const outcome of outcomes) duration.zero({ stage, outcome })
    queued.zero({ stage })
    inFlight.set({ stage }, 0)
    for (const code of Object.keys(errorCodes)) failures.inc({ stage, code }, 0)
  }
  return {
    lanesFrom: laneGauges(registry),
    begun (stage: Operation): void { inFlight.inc({ stage }) },
    /** The operation itself has, however long after its caller was told. */
    finished (stage: Operation): void { inFlight.dec({ stage }) },
    settled (stage: Operation, outcome: Outcome, times: { queueMs: number, durationMs: number }): void {
      queued.observe({ stage }, times.queueMs / 1000)
      duration.observe({ stage, outcome }, times.durationMs / 1000)
    },
    failed (stage: Operation, code: ErrorCode): void { failures.inc({ stage, code }) },
  }
}

/** Gauges that ask at each scrape; answers the function that says whom. */
function laneGauges (registry: Registry): (view: LaneView) => void {
  const registers = [registry]
  let lanes: LaneView = { waiting: () => 0, overdue: () => 0, launchesArePaused: () => false }
  new Gauge({
    name: 'slipway_stage_waiting', help: 'Operations of a stage waiting for their turn now.', labelNames: ['stage'], registers,
    collect () { for (const stage of operations) this.set({ stage }, lanes.waiting(stage)) },
  })
  new Gauge({
    name: 'slipway_overdue_operations', help: 'Operations over their deadline that have not settled.', registers, collect () { this.set(lanes.overdue()) },
  })
  new Gauge({
    name: 'slipway_launches_paused', help: '1 while no launch call may begin.', registers, collect () { this.set(Number(lanes.launchesArePaused())) },
  })
  return view => { lanes = view }
}
