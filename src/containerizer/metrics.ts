import { Counter, Gauge, type Registry } from 'prom-client'
import { states, type State } from '../model/lifecycle.ts'
import { fetchCacheMetrics } from './fetch-cache/metrics.ts'
import { fetchMetrics } from './fetch-metrics.ts'
import { engineWatchMetrics } from './engine-watch-metrics.ts'
import { stageMetrics } from './stage-metrics.ts'
import { recoveryMetrics } from './recovery-metrics.ts'
import { tidyMetrics } from './tidy-metrics.ts'
import { updateMetrics } from './update-metrics.ts'
import { usageMetrics } from './usage-metrics.ts'

const isolateFindings = ['wrote', 'nothing to write', 'differs', 'gone'] as const
const logStreams = ['stdout', 'stderr'] as const

export type ContainerizerMetrics = ReturnType<typeof containerizerMetrics>

export function containerizerMetrics (registry: Registry) {
  const registers = [registry]
  const containers = new Gauge({ name: 'slipway_containers', help: 'Containers by state.', labelNames: ['state'], registers })
  const undoFailures = new Counter({ name: 'slipway_undo_failures_total', help: 'Undos that failed; the sweep takes over.', registers })
  const swept = new Counter({ name: 'slipway_swept_containers_total', help: 'Containers with our label and no owner that were removed.', registers })
  const foreign = new Gauge({ name: 'slipway_foreign_containers', help: 'Containers of other instances on this engine; they are left alone.', registers })
  const pulls = new Counter({ name: 'slipway_pulls_total', help: 'Images pulled, however many launches waited for each.', labelNames: ['outcome'], registers })
  const pulledBytes = new Counter({ name: 'slipway_pulled_bytes_total', help: 'Bytes of layers pulled.', registers })
  const fetchedBytes = new Counter({ name: 'slipway_fetched_bytes_total', help: 'Bytes of URIs fetched into sandboxes.', registers })
  const openPipes = new Gauge({ name: 'slipway_log_pipes_open', help: 'Containers whose output is being carried into their sandboxes.', registers })
  const pipeFailures = new Counter({ name: 'slipway_log_pipe_failures_total', help: 'Log pipes that broke before their container ended.', registers })
  const logBytes = new Counter({ name: 'slipway_log_bytes_total', help: 'Bytes copied into sandboxes.', labelNames: ['stream'], registers })
  const logGaps = new Counter({ name: 'slipway_log_gaps_total', help: 'Places in sandbox logs where output is missing, or may be; marked there.', registers })
  const logLostBytes = new Counter({
    name: 'slipway_log_lost_bytes_total', registers,
    help: 'Bytes of output known to be missing in sandboxes. How many died with an engine, or were rotated away by it, nobody knows: see the gaps.',
  })
  const isolations = new Counter({ name: 'slipway_isolations_total', help: 'What isolate had to do, by finding.', labelNames: ['finding'], registers })
  for (const state of states) containers.set({ state }, 0)
  for (const stream of logStreams) logBytes.inc({ stream }, 0)
  for (const finding of isolateFindings) isolations.inc({ finding }, 0)
  for (const outcome of ['ok', 'failed', 'stopped']) pulls.inc({ outcome }, 0)

  return {
    ...stageMetrics(registry),
    usageFrom: usageMetrics(registry),
    engine: engineWatchMetrics(registry),
    fetches: fetchMetrics(registry),
    fetchCache: fetchCacheMetrics(registry),
    tidy: tidyMetrics(registry),
    updated: updateMetrics(registry),
    recovered: recoveryMetrics(registry),
    undoFailures, swept, foreign, pulls, pulledBytes, fetchedBytes, openPipes, pipeFailures, logBytes, logGaps, logLostBytes,
    isolated (finding: typeof isolateFindings[number]): void { isolations.inc({ finding }) },
    moved (from: State | undefined, to: State): void {
      if (from !== undefined) containers.dec({ state: from })
      if (to !== 'gone') containers.inc({ state: to })       // those that are gone are not counted for ever
    },
  }
}
