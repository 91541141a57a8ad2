import type { v1 } from '../wire/messages.ts'

/** What happens to tasks, told to whoever schedules them. Called on the main thread; must not throw. */
export interface TaskListener {
  /**
   * An update for the framework. Repeated with back-off, the same uuid, until `acknowledge`; per task the next one comes only then.
   * Everything is filled in: uuid, timestamp, source, agent_id, container_status.
   */
  update (frameworkId: string, status: v1.TaskStatus): void
  /**
   * The task holds these resources from now on: its limits are about to change, or have. Throws UPDATE_REFUSED when there is not that much; less
   * than it holds is always taken.
   */
  resize (frameworkId: string, taskId: string, resources: readonly v1.Resource[]): void
  /** The task's resources are free again: it is confirmed that it does not run. Called once per launched task. */
  released (frameworkId: string, taskId: string): void
  /** An executor has something to say to its framework. */
  message (frameworkId: string, executorId: string, data: Uint8Array): void
  /** An executor has ended, with this status as `wait` has it, -1 where it is not known. The last words on its tasks follow. */
  executorEnded (frameworkId: string, executorId: string, status: number): void
  /** An executor's own resources are free again. Called once for each executor that a launched task came with and that was not there before. */
  executorReleased (frameworkId: string, executorId: string): void
}

/** The agent as a scheduler sees it: the embedded master, or the link to a Mesos master. */
export interface AgentTasks {
  readonly agentInfo: v1.AgentInfo
  /** Starts a task. Never throws and answers at once: what becomes of it comes as updates. A task that is refused gets TASK_ERROR or TASK_FAILED. */
  launch (task: v1.TaskInfo, framework: v1.FrameworkInfo): void
  /** Ends a task; false when there is no such task. Again with a shorter grace is fine. */
  kill (frameworkId: string, taskId: string, policy?: v1.KillPolicy): boolean
  /** Brings a message to an executor; false when there is none that could hear it. */
  message (frameworkId: string, executorId: string, data: Uint8Array): boolean
  /** Asks an executor to end, its tasks with it, and ends it when its grace is over; false when there is none. */
  shutdownExecutor (frameworkId: string, executorId: string): boolean
  /** False when there was nothing to acknowledge. */
  acknowledge (frameworkId: string, taskId: string, uuid: Uint8Array): boolean
  /** The framework can hear again: repeat at once what it has not acknowledged. */
  resend (frameworkId: string): void
  /** Ends all tasks of a framework and forgets its updates: none is sent. Resources are still told as `released`. */
  removeFramework (frameworkId: string): void
}
