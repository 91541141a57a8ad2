import type { Cell } from './text-table.ts'
import type { Style } from './terminal.ts'

/**
 * A container as GET /slipway/v1/containers tells it, and what the commands want of it. An agent of another version may tell less: only what
 * is not optional here is relied upon.
 */
export interface ContainerReport {
  readonly container_id: string
  readonly task_id: string
  readonly framework_id: string
  readonly state: string
  readonly stages: readonly StageReport[]
  readonly container_name?: string
  readonly engine_id?: string
  readonly executor_id?: string
  readonly agent_id?: string
  readonly framework_name?: string
  readonly task_state?: string
  readonly task_name?: string
  readonly accepted_at?: string
  readonly image?: string
  readonly network?: string
  readonly cpus?: number
  readonly mem_bytes?: number
  readonly sandbox?: string
  readonly pid?: number
  readonly ip?: string
  readonly waiting_for?: readonly Wait[]
  readonly exit_code?: number
  readonly oom_killed?: boolean
  readonly may_still_run?: boolean
  readonly message?: string
  readonly error_code?: string
  readonly failure?: Failure
}

/** What it waits for now: a stage, or something that `text` alone says. */
export interface Wait {
  readonly stage?: string
  readonly outcome?: string
  readonly since?: string
  readonly text: string
  readonly progress?: Progress
}

/** Of a pull: layers. Of a fetch: the file that is under way, its place counted from 1. */
export interface Progress {
  readonly layers?: number
  readonly layers_done?: number
  readonly file?: number
  readonly files?: number
  readonly name?: string
  readonly bytes: number
  readonly total_bytes?: number
  readonly bytes_per_second?: number
}

export interface Failure {
  readonly code: string
  readonly stage?: string
  readonly message: string
  readonly hint: string
}

export interface StageReport {
  readonly stage: string
  /** ok, failed, timeout or cancelled; queued or running while it lasts. */
  readonly outcome: string
  readonly queue_ms: number
  readonly duration_ms: number
  readonly started_at?: string
}

const notOver: ReadonlySet<string> = new Set(['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING'])

/** The task is over and the engine has let go of its container, unless that is an executor's and goes on without it. */
export function isOver ({ state, task_id: taskId, executor_id: executorId = taskId, task_state: taskState }: ContainerReport): boolean {
  return state === 'gone' || (executorId !== taskId && taskState !== undefined && !notOver.has(taskState))
}

export function isLaunching ({ state }: ContainerReport): boolean {
  return state === 'queued' || state === 'launching'
}

const styles: Readonly<Record<string, Style>> = {
  running: 'green', queued: 'yellow', launching: 'yellow', stopping: 'yellow', killed: 'yellow', failed: 'red', error: 'red', lost: 'red',
}

/** "running", "launching (pull)", "failed": where it is, until the task has ended; then how it ended. */
export function describeState (container: ContainerReport): Cell {
  const { state, task_state: taskState } = container
  const word = taskState === undefined || notOver.has(taskState) ? state : taskState.replace('TASK_', '').toLowerCase()
  const stage = word === 'launching' ? container.waiting_for?.find(wait => wait.stage !== undefined)?.stage : undefined
  return { text: stage === undefined ? word : `${word} (${stage})`, style: styles[word] }
}

/** When it began to run, or else when it was accepted; milliseconds. */
export function startOf (container: ContainerReport): number | undefined {
  const start = container.stages.find(({ stage, outcome }) => stage === 'start' && outcome === 'ok')
  return container.state === 'running' && start !== undefined ? endOf(start) : timeOf(container.accepted_at)
}

function endOf ({ started_at: startedAt, duration_ms: durationMs }: StageReport): number | undefined {
  const startedMs = timeOf(startedAt)
  return startedMs === undefined ? undefined : startedMs + durationMs
}

function timeOf (text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? undefined : ms
}
