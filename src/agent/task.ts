import type { Instant } from '../base/boot-clock.ts'
import type { Container } from '../containerizer/container.ts'
import type { HealthSoFar } from './checks/health-judge.ts'
import type { v1 } from '../wire/messages.ts'
import type { Executor } from './executors/executor.ts'

/** A task that the agent has taken on, until it is over and its resources are free. */
export interface Task {
  readonly frameworkId: string
  readonly taskId: string
  readonly framework: v1.FrameworkInfo
  /** Its resources are those of now: an update changes them. */
  info: v1.TaskInfo
  /** What it holds once an update that is under way has succeeded. */
  wanted?: readonly v1.Resource[] | undefined
  readonly containerId: string
  /** Its own, or that of the executor that runs it. */
  readonly container: Container
  /** That which runs it; without one the container is the task. */
  readonly executor?: Executor
  /** The framework wants TASK_KILLING. */
  readonly tellsKilling: boolean
  /** Why its end was asked for, if it was. */
  killedFor: string | undefined
  /** It was ended because it reached its max_completion_time. */
  hasOverrun: boolean
  /** It was ended because its health check failed too often. */
  isUnhealthy: boolean
  /** When it was first known to run: its completion time and its grace before health counts begin there. */
  runningSince: Instant | undefined
  /** What its health check has found so far. */
  health: HealthSoFar | undefined
  /** The last result of its check, told with every status of one that has a check. */
  checkStatus: v1.CheckStatusInfo | undefined
  /** The framework is gone: nobody is told anything. */
  isSilent: boolean
  /** Updates made so far. */
  sequence: number
  /** The container's own address, once known. */
  ip: string | undefined
  /** The last status told of each state it was in, for those who look; without the inspect that RUNNING carries. */
  readonly statuses: v1.TaskStatus[]
  /** The last status told, for those who look. */
  lastStatus: v1.TaskStatus | undefined
}
