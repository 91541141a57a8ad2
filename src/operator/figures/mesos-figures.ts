import type { Registry } from 'prom-client'
import type { TaskBook } from '../../agent/task-book.ts'
import type { v1 } from '../../wire/messages.ts'
import { liveContainers } from '../live-containers.ts'
import { allocated } from '../state/allocated.ts'
import { hostFigures } from './host-figures.ts'
import { resourceFigures } from './resource-figures.ts'
import type { Tally } from './tally.ts'
import { timerFigures } from './timer-figures.ts'

/** By their names in Mesos, sorted. */
export type Figures = Readonly<Record<string, number>>

export interface FigureSources {
  readonly registry: Registry
  readonly agentInfo: v1.AgentInfo
  readonly book: TaskBook
  readonly tally: Tally
  /** A master knows this agent. */
  readonly isRegistered: () => boolean
  /** How long the agent took to serve. */
  readonly recoverySeconds: () => number
}

/** What an agent with Mesos's own containerizer and resource providers counts: there are none here. */
const nothing = [
  'containerizer/fetcher/cache_size_total_bytes', 'containerizer/fetcher/cache_size_used_bytes',
  'containerizer/mesos/container_destroy_errors', 'containerizer/mesos/provisioner/bind/remove_rootfs_errors',
  'containerizer/mesos/provisioner/remove_container_errors', 'resource_provider_manager/events/disconnect',
  'resource_provider_manager/events/subscribe', 'resource_provider_manager/subscribed', 'slave/executors_preempted', 'slave/invalid_status_updates',
] as const

/** The figures of a Mesos agent, under its names: what dashboards for Mesos know. */
export async function mesosFigures (sources: FigureSources): Promise<Figures> {
  const { registry, agentInfo, book, tally } = sources
  const figures: Record<string, number> = {
    ...Object.fromEntries(nothing.map(name => [name, 0])),
    ...timerFigures('containerizer/docker/image_pull_ms', tally.pulls),
    ...resourceFigures(agentInfo.resources ?? [], allocated(book)),
    ...hostFigures(),
    ...taskFigures(book),
    ...containerFigures(book, tally),
    ...await countedFigures(registry),
    'slave/registered': Number(sources.isRegistered()),
    'slave/recovery_time_secs': sources.recoverySeconds(),
    'slave/uptime_secs': performance.now() / 1000,
  }
  return Object.fromEntries(Object.entries(figures).sort(([a], [b]) => a < b ? -1 : 1))
}

function taskFigures (book: TaskBook): Record<string, number> {
  const states = book.open().map(({ lastStatus }) => lastStatus?.state ?? 'TASK_STAGING')
  return Object.fromEntries((['staging', 'starting', 'running', 'killing'] as const)
    .map(name => [`slave/tasks_${name}`, states.filter(state => state === `TASK_${name.toUpperCase()}`).length]))
}

/** A task without an executor has one in Mesos: here that is its container. */
function containerFigures (book: TaskBook, tally: Tally): Record<string, number> {
  const live = liveContainers(book)
  const states = live.map(({ executor, container }) => {
    if (executor !== undefined) return executor.state
    return container.state === 'running' ? 'RUNNING' : container.state === 'queued' || container.state === 'launching' ? 'REGISTERING' : 'TERMINATING'
  })
  const count = (state: string): number => states.filter(one => one === state).length
  return {
    'slave/executors_registering': count('REGISTERING'), 'slave/executors_running': count('RUNNING'), 'slave/executors_terminating': count('TERMINATING'),
    'slave/executors_terminated': tally.containersEnded, 'slave/container_launch_errors': tally.launchErrors,
    'slave/frameworks_active': new Set(live.map(({ frameworkId }) => frameworkId)).size,
  }
}

/** What our own metrics count as well. */
async function countedFigures (registry: Registry): Promise<Record<string, number>> {
  const updates = await seriesOf(registry, 'slipway_status_updates_total', 'state')
  const removals = await seriesOf(registry, 'slipway_sandbox_removals_total', 'outcome')
  const fetches = await seriesOf(registry, 'slipway_stage_duration_seconds', 'outcome', { stage: 'fetch' })
  const failures = await seriesOf(registry, 'slipway_stage_failures_total', 'code', { stage: 'fetch' })
  const ended = (['finished', 'failed', 'killed', 'lost', 'gone'] as const).map(name => [`slave/tasks_${name}`, updates.get(`TASK_${name.toUpperCase()}`) ?? 0])
  return {
    ...Object.fromEntries(ended) as Record<string, number>,
    'slave/valid_status_updates': sum(updates),
    'slave/recovery_errors': sum(await seriesOf(registry, 'slipway_recovery_errors_total', '')),
    'slave/executor_directory_max_allowed_age_secs': sum(await seriesOf(registry, 'slipway_sandbox_max_age_seconds', '')),
    'gc/path_removals_failed': removals.get('failed') ?? 0,
    'gc/path_removals_succeeded': removals.get('ok') ?? 0,
    'gc/path_removals_pending': sum(await seriesOf(registry, 'slipway_sandboxes_kept', '')),
    'containerizer/fetcher/task_fetches_succeeded': fetches.get('ok') ?? 0,
    'containerizer/fetcher/task_fetches_failed': sum(failures),
  }
}

function sum (series: ReadonlyMap<string, number>): number {
  return [...series.values()].reduce((total, value) => total + value, 0)
}

interface Sample { readonly metricName?: string, readonly value: number, readonly labels: Readonly<Record<string, string | number>> }

/** The values of a metric by one of its labels; of a histogram, its counts. */
async function seriesOf (registry: Registry, name: string, label: string, only: Readonly<Record<string, string>> = {}): Promise<Map<string, number>> {
  const { values = [] } = await registry.getSingleMetric(name)?.get() as { values?: readonly Sample[] } | undefined ?? {}
  const wanted = values.filter(({ metricName = name, labels }) => (metricName === name || metricName === `${name}_count`)
    && Object.entries(only).every(([key, value]) => labels[key] === value))
  return new Map(wanted.map(({ labels, value }) => [String(labels[label] ?? ''), value]))
}
