import type { Log } from '../../base/log.ts'
import type { Containerizer } from '../../containerizer/containerizer.ts'
import { chain } from '../../model/errors.ts'
import type { Checkpoint } from '../../store/checkpoint.ts'
import type { executor as api, v1 } from '../../wire/messages.ts'
import type { TaskListener } from '../port.ts'
import type { Task } from '../task.ts'
import type { TaskBook } from '../task-book.ts'
import { isTerminal, type Word } from '../task-status.ts'
import { terminalStates } from '../terminal-states.ts'
import { idsOf, isEnding, type Executor, type HeldTask } from './executor.ts'
import { fitLimits } from './executor-limits.ts'
import { lostState, tooLate } from './executor-words.ts'
import { agentStatus, executorStatus, holdTask, takeIn, type AgentIdentity } from './held-task.ts'
import { KeptExecutors } from './kept-executors.ts'

export interface ExecutorTasksOptions {
  readonly containerizer: Pick<Containerizer, 'update'>
  readonly listener: TaskListener
  readonly tasks: TaskBook
  /** Has the framework told, until it acknowledges. */
  readonly tell: (task: Task, status: v1.TaskStatus) => void
  /** It has changed otherwise: has that written down. */
  readonly note: (task: Task) => void
  readonly checkpoint: Checkpoint
  readonly identity: AgentIdentity
  readonly log: Log
}

/** The tasks in the hands of executors: from the queue to their last word. */
export class ExecutorTasks {
  readonly #options: ExecutorTasksOptions
  readonly #kept: KeptExecutors

  constructor (options: ExecutorTasksOptions) {
    this.#options = options
    this.#kept = new KeptExecutors(options.checkpoint)
  }

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
    this.#options.note(held.task)
    void this.#kept.tellOnceWritten(executor, killOf(held))
  }

  /** The executor's word on a task of its own. */
  hear (executor: Executor, status: v1.TaskStatus, uuid: Uint8Array): void {
    const held = executor.tasks.get(status.task_id.value)
    if (held?.isDelivered !== true) {
      const [taskId, { state }] = [status.task_id.value.slice(0, 200), status]
      this.#options.log.debug({ ...idsOf(executor), taskId, state }, 'an update of a task that is over, or not the executor\'s, was dropped')
    } else if (takeIn(held, uuid)) {
      this.#tell(executor, held, executorStatus(executor, status, this.#options.identity))
    }
  }

  /** An executor of an earlier run says that it has these tasks: what was sent last may not have been written down. */
  recognize (executor: Executor, known: ReadonlyArray<Pick<v1.TaskInfo, 'task_id'>>): void {
    for (const { task_id: taskId } of known) {
      const held = executor.tasks.get(taskId.value)
      if (held !== undefined && executor.container.isFromBefore) held.isDelivered = true
    }
  }

  /** The executor is back, and knows of these tasks: what was sent and is neither among them nor told of has never arrived. */
  resume (executor: Executor, known: ReadonlySet<string>): void {
    for (const held of [...executor.tasks.values()]) {
      if (held.kill !== undefined) executor.link?.send(killOf(held))
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
    const open = held.filter(({ task }) => !isTerminal(task.lastStatus?.state))        // an earlier run may have told how it ended
    for (const { task } of open) this.#options.tell(task, agentStatus(executor, task.taskId, word, this.#options.identity))
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
    await this.#writeDown(executor, waiting)
    for (const held of waiting) sendLaunch(executor, held)
  }

  /** Whatever happens then, none of them is sent again. */
  async #writeDown (executor: Executor, waiting: readonly HeldTask[]): Promise<void> {
    const leaving = executor.link === undefined ? [] : waiting.filter(held => executor.tasks.get(held.task.taskId) === held)
    for (const held of leaving) {
      held.isLeaving = true
      this.#options.note(held.task)
    }
    if (leaving.length > 0) await this.#kept.writtenSoon()
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

function killOf ({ task, kill }: HeldTask): api.Event {
  return { type: 'KILL', kill: { task_id: { value: task.taskId }, ...(kill?.policy && { kill_policy: kill.policy }) } }
}
