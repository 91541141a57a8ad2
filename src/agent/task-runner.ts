import { randomUUID } from 'node:crypto'
import type { Log } from '../base/log.ts'
import type { Containerizer } from '../containerizer/containerizer.ts'
import type { AgentEvent } from '../model/agent-event.ts'
import { AgentError, chain } from '../model/errors.ts'
import type { v1 } from '../wire/messages.ts'
import { checkStatus } from './checks/check-status.ts'
import { readChecks } from './checks/read-check.ts'
import { TaskChecks } from './checks/task-checks.ts'
import { Executors, type ExecutorsOptions } from './executors/executors.ts'
import { lastWord } from './last-word.ts'
import { launchPriority } from './launch-priority.ts'
import type { AgentMetrics } from './metrics.ts'
import type { AgentTasks, TaskListener } from './port.ts'
import { StatusStreams } from './status-streams.ts'
import { refusedWord, toStatus, type Word } from './task-status.ts'
import { graceMs, taskToSpec, type SpecSettings } from './task-to-spec.ts'
import type { Task } from './task.ts'
import { taskBook } from './task-book.ts'
import { TaskUpdates } from './task-updates.ts'

export interface TaskRunnerOptions {
  readonly containerizer: Containerizer
  readonly listener: TaskListener
  readonly agentInfo: v1.AgentInfo
  readonly specSettings: SpecSettings
  readonly executors: Pick<ExecutorsOptions, 'spec' | 'times' | 'endpoints' | 'variables'>
  /** The host's own address, for tasks that have none of their own. */
  readonly ip: string
  readonly metrics: AgentMetrics
  /** Told of every status; must not throw. */
  readonly onEvent: (event: AgentEvent) => void
  readonly log: Log
}

/** Runs tasks in containers, and tells their schedulers. */
export class TaskRunner implements AgentTasks {
  readonly #options: TaskRunnerOptions
  readonly #streams: StatusStreams
  readonly #checks: TaskChecks
  readonly agentInfo: v1.AgentInfo
  readonly book = taskBook()
  /** New limits for tasks that run. */
  readonly updates: TaskUpdates
  /** Those who run tasks in our stead. */
  readonly executors: Executors

  constructor (options: TaskRunnerOptions) {
    const { listener, metrics, containerizer } = options
    this.#options = options
    this.agentInfo = options.agentInfo
    this.#streams = new StatusStreams({ deliver: (frameworkId, status) => { listener.update(frameworkId, status) } })
    this.#checks = new TaskChecks({
      containerizer, metrics: metrics.checks, hostIp: options.ip, log: options.log, tell: (task, word) => { this.#tell(task, word) },
      end: (task, why) => { this.#end(task, why, task.hasOverrun ? 0 : task.container.spec.graceMs) },
    })
    this.updates = new TaskUpdates({ containerizer, listener, book: this.book })
    this.executors = new Executors({
      ...options, ...options.executors, tasks: this.book, identity: this.#identity(), tell: (task, status) => { this.#deliver(task, status) },
    })
    metrics.executorsFrom(() => this.executors.book.all())
    metrics.pendingFrom(() => this.#streams.pending)
  }

  launch (info: v1.TaskInfo, framework: v1.FrameworkInfo): void {
    const { log } = this.#options
    const frameworkId = framework.id?.value ?? ''
    const taskId = info.task_id.value
    try {
      if (info.executor !== undefined) {
        this.executors.launch(info, info.executor, framework)
        return
      }
      const task = this.#accept(info, framework)
      this.#live(task).catch((error: unknown) => { log.error({ frameworkId, taskId, error }, 'a task was lost track of') })
    } catch (cause) {
      const error = AgentError.from(cause)
      log.info({ frameworkId, taskId, code: error.code }, `task refused: ${chain(error)}`)
      this.#push(frameworkId, toStatus(refusedWord(error), { ...this.#identity(), taskId, containerId: randomUUID(), sequence: 1 }))
      this.#options.listener.released(frameworkId, taskId)
      this.#forgetUnstarted(frameworkId, info.executor)
    }
  }

  /** One that was there before goes on, whatever became of the task. */
  #forgetUnstarted (frameworkId: string, executor: v1.ExecutorInfo | undefined): void {
    if (executor === undefined || this.executors.find(frameworkId, executor.executor_id.value) !== undefined) return
    this.#options.listener.executorReleased(frameworkId, executor.executor_id.value)
  }

  kill (frameworkId: string, taskId: string, policy?: v1.KillPolicy): boolean {
    const task = this.book.find(frameworkId, taskId)
    if (task === undefined) return false
    const { container } = task
    if (container.termination !== undefined) return true        // its last word is on its way
    if (task.executor !== undefined) {
      this.executors.kill(task, policy)
      return true
    }
    this.#end(task, 'killed', graceMs(policy) ?? container.spec.graceMs)
    return true
  }

  /** The first reason stays. One that used up its time is not told of as being killed: as Mesos has it. */
  #end (task: Task, why: string, grace: number): void {
    const { container, tellsKilling, hasOverrun } = task
    const isFirst = task.killedFor === undefined
    task.killedFor ??= why
    this.#checks.stop(task)
    void this.#options.containerizer.destroy(container, grace, why)
    if (isFirst && tellsKilling && !hasOverrun && container.timeline.hasBegun('start')) this.#tell(task, { state: 'TASK_KILLING' })
  }

  acknowledge (frameworkId: string, taskId: string, uuid: Uint8Array): boolean {
    return this.#streams.acknowledge(frameworkId, taskId, uuid)
  }

  message (frameworkId: string, executorId: string, data: Uint8Array): boolean {
    return this.executors.sendMessage(frameworkId, executorId, data)
  }

  shutdownExecutor (frameworkId: string, executorId: string): boolean {
    return this.executors.shutdown(frameworkId, executorId)
  }

  resend (frameworkId: string): void {
    this.#streams.resend(frameworkId)
  }

  removeFramework (frameworkId: string): void {
    for (const task of this.book.ofFramework(frameworkId)) {
      task.isSilent = true
      if (task.executor !== undefined) continue
      this.#checks.stop(task)
      void this.#options.containerizer.destroy(task.container, task.container.spec.graceMs, 'its framework is gone')
    }
    this.executors.removeFramework(frameworkId)
    this.#streams.drop(frameworkId)
  }

  /** Whoever closes the containerizer ends the tasks; this is what they are told. */
  announceEnd (reason: string): void {
    for (const task of this.book.open()) task.killedFor ??= `the agent is stopping: ${reason}`
    this.executors.announceEnd(reason)
  }

  /** Tells nobody anything any more. */
  close (): void {
    for (const task of this.book.open()) task.isSilent = true
    this.#checks.close()
    this.executors.close()
    this.#streams.close()
  }

  #accept (info: v1.TaskInfo, framework: v1.FrameworkInfo): Task {
    const { containerizer, specSettings, log } = this.#options
    const frameworkId = framework.id?.value ?? ''
    const containerId = randomUUID()
    const spec = taskToSpec(info, frameworkId, containerId, { ...specSettings, gpusInUse: this.executors.gpusInUse() })
    const { check } = readChecks(info)
    const container = containerizer.launch(spec, launchPriority(info.labels, performance.now()))
    const tellsKilling = (framework.capabilities ?? []).some(({ type }) => type === 'TASK_KILLING_STATE')
    const task: Task = {
      frameworkId, taskId: info.task_id.value, framework, info, containerId, container, tellsKilling,
      killedFor: undefined, hasOverrun: false, isUnhealthy: false, isSilent: false, sequence: 0, ip: undefined, statuses: [], lastStatus: undefined,
      checkStatus: check && checkStatus(check.target.kind, undefined),
    }
    this.book.add(task)
    log.info({ frameworkId, taskId: task.taskId, containerId, image: spec.image }, 'task accepted')
    return task
  }

  /** The whole life of a task, straight on. */
  async #live (task: Task): Promise<void> {
    const { listener, log } = this.#options
    const { container, frameworkId, taskId, containerId } = task
    await Promise.race([container.imageReady.promise, container.ended.promise])
    if (container.termination === undefined) this.#tell(task, { state: 'TASK_STARTING' })
    if (await container.running.promise.then(() => true, () => false)) {
      this.#checks.limitTime(task)
      if (task.killedFor === undefined) await this.#tellRunning(task)
      this.#checks.begin(task)
    }
    const termination = await container.ended.promise
    this.#checks.stop(task)
    const word = lastWord(task, termination)
    log.info({ frameworkId, taskId, containerId, state: word.state, code: termination.error?.code }, `task ended: ${word.message ?? ''}`)
    this.#tell(task, word)
    if (termination.mayStillRun) await container.gone.promise
    listener.released(frameworkId, taskId)
    this.book.close(task)
  }

  /** The inspect goes along, or follows if the engine takes its time. */
  async #tellRunning (task: Task): Promise<void> {
    const { container } = task
    this.#tell(task, runningWord(task))
    const isLate = container.inspected === undefined
    await Promise.race([container.looked.promise, container.ended.promise])
    // One that is being killed is not said to run again.
    if (isLate && container.inspected !== undefined && task.killedFor === undefined) this.#tell(task, runningWord(task))
  }

  #tell (task: Task, word: Word): void {
    const identity = this.#identity()
    const whole = task.checkStatus === undefined ? word : { ...word, check_status: task.checkStatus }
    const network = task.ip && task.container.spec.userNetwork
    const status = toStatus(whole, { ...identity, ...task, ip: task.ip ?? identity.ip, network, sequence: task.sequence + 1 })
    this.#deliver(task, status)
  }

  #deliver (task: Task, status: v1.TaskStatus): void {
    if (task.isSilent) return
    task.sequence++
    keepStatus(task, status)
    this.#push(task.frameworkId, status)
  }

  #push (frameworkId: string, status: v1.TaskStatus): void {
    const { metrics, onEvent } = this.#options
    const { task_id: { value: taskId }, state, reason, message } = status
    metrics.told(state)
    onEvent({ kind: 'task', taskId, frameworkId, containerId: status.container_status?.container_id?.value ?? '', state, reason, message })
    this.#streams.push(frameworkId, status)
  }

  #identity (): { agentId: string, ip: string } {
    return { agentId: this.agentInfo.id?.value ?? '', ip: this.#options.ip }
  }
}

/** An executor can go back and forth without end. */
const keptStatuses = 100

/** As in Mesos, one of the same state takes the place of the one before. */
function keepStatus (task: Task, status: v1.TaskStatus): void {
  const { data: _inspect, ...rest } = status
  if (task.statuses.at(-1)?.state === status.state) task.statuses.pop()
  task.statuses.push(rest)
  if (task.statuses.length > keptStatuses) task.statuses.shift()
  task.lastStatus = rest
}

function runningWord (task: Task): Word {
  const { inspected } = task.container
  task.ip = inspected?.ipAddress
  return { state: 'TASK_RUNNING', ...(inspected && { data: Buffer.from(JSON.stringify([inspected.document])) }) }
}
