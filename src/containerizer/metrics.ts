import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { errorCodes, type ErrorCode } from '../model/errors.ts'
import { states, type State } from '../model/lifecycle.ts'
import { operations, type Operation } from './operations.ts'
import { outcomes, type Outcome } from './timeline.ts'

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** What the lanes tell of themselves when asked. */
interface LaneView { waiting (stage: Operation): number, overdue (): number, launchesArePaused (): boolean }

export type ContainerizerMetrics = ReturnType<typeof containerizerMetrics>

export function containerizerMetrics (registry: Registry) {
  const registers = [registry]
  const duration = new Histogram({
    name: 'slipway_stage_duration_seconds', help: 'Time a stage took, its queue not counted.',
    labelNames: ['stage', 'outcome'], buckets: seconds, registers,
  })
  const queued = new Histogram({
    name: 'slipway_stage_queue_seconds', help: 'Time a stage waited for its turn.', labelNames: ['stage'], buckets: seconds, registers,
  })
  const inFlight = new Gauge({ name: 'slipway_stage_in_flight', help: 'Operations of a stage under way now.', labelNames: ['stage'], registers })
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
  const failures = new Counter({ name: 'slipway_stage_failures_total', help: 'Stages that failed, by error code.', labelNames: ['stage', 'code'], registers })
  const containers = new Gauge({ name: 'slipway_containers', help: 'Containers by state.', labelNames: ['state'], registers })
  const undoFailures = new Counter({ name: 'slipway_undo_failures_total', help: 'Undos that failed; the sweep takes over.', registers })
  const swept = new Counter({ name: 'slipway_swept_containers_total', help: 'Containers with our label and no owner that were removed.', registers })
  const pipeFailures = new Counter({ name: 'slipway_log_pipe_failures_total', help: 'Log pipes that ended before their container did.', registers })
  const logBytes = new Counter({ name: 'slipway_log_bytes_total', help: 'Bytes copied into sandboxes.', labelNames: ['stream'], registers })
  let isEngineUp = true
  new Gauge({
    name: 'slipway_engine_up', help: '1 when the engine answered the last list of our containers.', registers, collect () { this.set(Number(isEngineUp)) },
  })

  for (const stage of operations) {
    for (const outcome of outcomes) duration.zero({ stage, outcome })
    queued.zero({ stage })
    inFlight.set({ stage }, 0)
    for (const code of Object.keys(errorCodes)) failures.inc({ stage, code }, 0)
  }
  for (const state of states) containers.set({ state }, 0)
  for (const stream of ['stdout', 'stderr']) logBytes.inc({ stream }, 0)

  return {
    undoFailures, swept, pipeFailures, logBytes, inFlight,
    engineAnswered (answered: boolean): void { isEngineUp = answered },
    isEngineUp: (): boolean => isEngineUp,
    /** Who can tell of the lanes, asked at each scrape. */
    lanesFrom (view: LaneView): void { lanes = view },
    moved (from: State | undefined, to: State): void {
      if (from !== undefined) containers.dec({ state: from })
      if (to !== 'gone') containers.inc({ state: to })       // those that are gone are not counted for ever
    },
    settled (stage: Operation, outcome: Outcome, times: { queueMs: number, durationMs: number }): void {
      queued.observe({ stage }, times.queueMs / 1000)
      duration.observe({ stage, outcome }, times.durationMs / 1000)
    },
    failed (stage: Operation, code: ErrorCode): void { failures.inc({ stage, code }) },
  }
}
