import type { Log } from '../../base/log.ts'
import type { Containerizer } from '../../containerizer/containerizer.ts'
import { chain } from '../../model/errors.ts'
import type { v1 } from '../../wire/messages.ts'
import type { TaskListener } from '../port.ts'
import type { Task } from '../task.ts'
import type { TaskBook } from '../task-book.ts'
import type { Word } from '../task-status.ts'
import { terminalStates } from '../terminal-states.ts'
import { idsOf, isEnding, type Executor, type HeldTask } from './executor.ts'
import { fitLimits } from './executor-limits.ts'
import { lostState, tooLate } from './executor-words.ts'
import { agentStatus, executorStatus, holdTask, takeIn, type AgentIdentity } from './held-task.ts'

export interface ExecutorTasksOptions {
  readonly containerizer: Pick<Containerizer, 'update'>
  readonly listener: TaskListener
  readonly tasks: TaskBook
  /** Has the framework told, until it acknowledges. */
  readonly tell: (task: Task, status: v1.TaskStatus) => void
  readonly identity: AgentIdentity
  readonly log: Log
}

/** The tasks in the hands of executors: from the queue to their last word. */
export class ExecutorTasks {
  readonly #options: ExecutorTasksOptions

  constructor (options: ExecutorTasksOptions) { this.#options = options }

  add (executor: Executor, info: v1.TaskInfo): void {
    const held = holdTask(executor, info)
    executor.tasks.set(held.task.taskId, held)
    this.#options.tasks.add(held.task)
    if (isEnding(executor)) this.finish(executor, held, tooLate(executor))
    else this.changed(executor)
  }

  /** One that was delivered is the executor's to end. */
  kill (executor: Executor, held: HeldTask, policy: v1.KillPolicy | undefined): void {
    if (!held.isDelivered) {
      const message = 'Killed before delivery to the executor'
      this.finish(executor, held, { state: 'TASK_KILLED', reason: 'REASON_TASK_KILLED_DURING_LAUNCH', message })
      return
    }
    held.kill = { policy }
    sendKill(executor, held)
  }

  /** The executor's word on a task of its own. */
  hear (executor: Executor, status: v1.TaskStatus, uuid: Uint8Array): void {
    const held = executor.tasks.get(status.task_id.value)
    if (held?.isDelivered !== true) {
      const [taskId, { state }] = [status.task_id.value, status]
      this.#options.log.info({ ...idsOf(executor), taskId, state }, 'an update of a task that is over, or not the executor\'s, was dropped')
    } else if (takeIn(held, uuid)) {
      this.#tell(executor, held, executorStatus(executor, status, this.#options.identity))
    }
  }

  /** The executor is back, and knows of these tasks: what was sent and is neither among them nor told of has never arrived. */
  resume (executor: Executor, known: ReadonlySet<string>): void {
    for (const held of [...executor.tasks.values()]) {
      if (held.kill !== undefined) sendKill(executor, held)
      const { isDelivered, task: { taskId, lastStatus } } = held
      if (!isDelivered || lastStatus !== undefined || known.has(taskId)) continue
      const state = lostState(executor.framework, 'TASK_DROPPED')
      this.finish(executor, held, { state, reason: 'REASON_AGENT_RESTARTED', message: 'Task was sent while its executor was disconnected' })
    }
    this.changed(executor)
  }

  /** The last word on all of them. Their resources are still to be released. */
  end (executor: Executor, word: Word): HeldTask[] {
    const held = [...executor.tasks.values()]
    executor.tasks.clear()
    for (const { task } of held) this.#options.tell(task, agentStatus(executor, task.taskId, word, this.#options.identity))
    return held
  }

  release ({ task }: HeldTask): void {
    this.#options.listener.released(task.frameworkId, task.taskId)
    this.#options.tasks.close(task)
  }

  /** Tasks have come or gone: the container's limits follow, and what waits is delivered. One such round at a time. */
  changed (executor: Executor): void {
    executor.hasChanged = true
    if (executor.isDelivering || executor.state !== 'RUNNING') return
    executor.isDelivering = true
    this.#deliver(executor).catch((error: unknown) => {
      this.#options.log.error({ ...idsOf(executor), error: chain(error) }, 'tasks could not be delivered')
    })
  }

  /** The agent's own last word on a task. */
  finish (executor: Executor, held: HeldTask, word: Word): void {
    this.#tell(executor, held, agentStatus(executor, held.task.taskId, word, this.#options.identity))
  }

  async #deliver (executor: Executor): Promise<void> {
    try {
      await executor.container.running.promise.catch(() => {})
      while (executor.hasChanged && executor.state === 'RUNNING') {
        executor.hasChanged = false
        await this.#deliverWaiting(executor)
      }
    } finally {
      executor.isDelivering = false         // at once: a change that comes now begins a round of its own
    }
  }

  async #deliverWaiting (executor: Executor): Promise<void> {
    const waiting = [...executor.tasks.values()].filter(({ isDelivered }) => !isDelivered)
    try {
      await fitLimits(executor, this.#options)
    } catch (error) {
      const message = `Failed to update resources for container: ${chain(error)}`
      for (const held of waiting) this.#refuse(executor, held, message)
      return
    }
    for (const held of waiting) sendLaunch(executor, held)
  }

  #refuse (executor: Executor, held: HeldTask, message: string): void {
    if (executor.tasks.get(held.task.taskId) !== held) return
    this.finish(executor, held, { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_UPDATE_FAILED', message })
  }

  #tell (executor: Executor, held: HeldTask, status: v1.TaskStatus): void {
    this.#options.tell(held.task, status)
    if (!terminalStates.has(status.state)) return
    executor.tasks.delete(held.task.taskId)
    this.release(held)
    this.changed(executor)
  }
}

/** One that was killed meanwhile is not sent; without a link it waits for the next one. */
function sendLaunch ({ link, tasks, state }: Executor, held: HeldTask): void {
  const { info: task, taskId } = held.task
  if (link === undefined || state !== 'RUNNING' || tasks.get(taskId) !== held) return
  held.isDelivered = true
  link.send({ type: 'LAUNCH', launch: { task } })
}

function sendKill ({ link }: Executor, { task, kill }: HeldTask): void {
  link?.send({ type: 'KILL', kill: { task_id: { value: task.taskId }, ...(kill?.policy && { kill_policy: kill.policy }) } })
}
