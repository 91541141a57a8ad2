import type { EngineCondition } from './engine-condition.ts'
import type { State } from './lifecycle.ts'

interface ContainerOfTask {
  readonly containerId: string
  readonly taskId: string | undefined
  readonly frameworkId: string | undefined
}

/** A container moved; `from` is undefined when it has just been accepted. */
export interface ContainerMoved extends ContainerOfTask {
  readonly kind: 'container'
  readonly from: State | undefined
  readonly to: State
}

/** A stage waits for its turn, has begun, or has ended. */
export interface StageMoved extends ContainerOfTask {
  readonly kind: 'stage'
  readonly stage: string
  readonly outcome: 'queued' | 'running' | 'ok' | 'failed' | 'timeout' | 'cancelled'
  readonly queueMs: number
  readonly durationMs: number
}

/** A status of a task was made. Whether its framework has heard it is another matter. */
export interface TaskTold extends ContainerOfTask {
  readonly kind: 'task'
  readonly state: string
  readonly reason: string | undefined
  readonly message: string | undefined
}

export interface EngineMoved {
  readonly kind: 'engine'
  readonly condition: EngineCondition
}

/** What happens in the agent, for those who look on. */
export type AgentEvent = ContainerMoved | StageMoved | TaskTold | EngineMoved
