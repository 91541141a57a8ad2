import type { AgentEvent } from '../model/agent-event.ts'
import type { Checkpoint, Snapshot } from '../store/checkpoint.ts'
import type { v1 } from '../wire/messages.ts'
import { keepStatus } from './keep-status.ts'
import { KeptUpdates } from './kept-updates.ts'
import type { AgentMetrics } from './metrics.ts'
import type { TaskListener } from './port.ts'
import { StatusStreams, type Update } from './status-streams.ts'
import { taskChange } from './task-records.ts'
import { isTerminal, toStatus, type Word } from './task-status.ts'
import type { Task } from './task.ts'

export interface TaskTellerOptions {
  readonly checkpoint: Checkpoint
  readonly listener: TaskListener
  readonly metrics: AgentMetrics
  readonly identity: { readonly agentId: string, readonly ip: string }
  /** What an update that tells a task's end is kept with. */
  readonly endOf?: ((task: Task) => v1.Task) | undefined
  /** What is told of a task in place of a status: why an operator ended it. */
  readonly recast?: ((task: Task, status: v1.TaskStatus) => v1.TaskStatus) | undefined
  /** Told of every status; must not throw. */
  readonly onEvent: (event: AgentEvent) => void
}

/** Tells frameworks of tasks: each word is written down with its task before it goes out, and repeated until it is acknowledged. */
export class TaskTeller {
  readonly #options: TaskTellerOptions
  readonly #kept: KeptUpdates
  readonly streams: StatusStreams

  constructor (options: TaskTellerOptions) {
    this.#options = options
    const kept = this.#kept = new KeptUpdates(options.checkpoint)
    this.streams = new StatusStreams({
      deliver: (frameworkId, status) => { options.listener.update(frameworkId, status) },
      keep: update => kept.keep(update), forget: update => { kept.forget(update) },
    })
    options.metrics.pendingFrom(() => this.streams.pending)
  }

  /** The updates of an earlier run that nobody has acknowledged. */
  restore ({ update }: Snapshot): Update[] { return this.#kept.restore(update) }

  tell (task: Task, word: Word): void {
    const { identity } = this.#options
    const whole = task.checkStatus === undefined ? word : { ...word, check_status: task.checkStatus }
    const network = task.ip && task.container.spec.userNetwork
    this.deliver(task, toStatus(whole, { ...identity, ...task, ip: task.ip ?? identity.ip, network, sequence: task.sequence + 1 }))
  }

  deliver (task: Task, made: v1.TaskStatus): void {
    if (task.isSilent) return
    const status = this.#options.recast?.(task, made) ?? made
    task.sequence++
    keepStatus(task, status)
    this.note(task)
    this.push(task.frameworkId, status, isTerminal(status.state) ? this.#options.endOf?.(task) : undefined)
  }

  push (frameworkId: string, status: v1.TaskStatus, task?: v1.Task): void {
    const { metrics, onEvent } = this.#options
    const { task_id: { value: taskId }, state, reason, message } = status
    metrics.told(state)
    onEvent({ kind: 'task', taskId, frameworkId, containerId: status.container_status?.container_id?.value ?? '', state, reason, message })
    this.streams.push(frameworkId, status, task)
  }

  /** It has changed: soon that is written down, in one transaction with what else this turn of the event loop changes. */
  note (task: Task): void {
    this.#options.checkpoint.commit(taskChange(task)).catch(() => {})
  }
}
