import { randomUUID } from 'node:crypto'
import type { Log } from '../base/log.ts'
import type { Containerizer } from '../containerizer/containerizer.ts'
import type { AgentEvent } from '../model/agent-event.ts'
import { AgentError, chain } from '../model/errors.ts'
import type { v1 } from '../wire/messages.ts'
import { instant } from '../base/boot-clock.ts'
import type { Checkpoint, Snapshot } from '../store/checkpoint.ts'
import { agentIdentity, type AgentIdentity } from './agent-identity.ts'
import { checkStatus } from './checks/check-status.ts'
import { readChecks } from './checks/read-check.ts'
import { TaskChecks } from './checks/task-checks.ts'
import { Executors, type ExecutorsOptions } from './executors/executors.ts'
import { lastWord } from './last-word.ts'
import { launchPriority } from './launch-priority.ts'
import { MasterWishes } from './master-wishes.ts'
import type { AgentMetrics } from './metrics.ts'
import { KnownTasks } from './known-tasks.ts'
import { newTask } from './new-task.ts'
import type { AgentTasks, TaskListener } from './port.ts'
import { recoveredTasks, type Recovered } from './recovered-tasks.ts'
import { restoreTasks } from './restore-tasks.ts'
import { runningWord } from './running-word.ts'
import type { Update } from './status-streams.ts'
import { checkLength, newTaskChange, taskGone } from './task-records.ts'
import { isTerminal, refusedWord, toStatus } from './task-status.ts'
import { graceMs, taskToSpec, type SpecSettings } from './task-to-spec.ts'
import type { Task } from './task.ts'
import { taskBook, type TaskBook } from './task-book.ts'
import { TaskTeller, type TaskTellerOptions } from './task-teller.ts'
import { TaskUpdates } from './task-updates.ts'

export interface TaskRunnerOptions {
  readonly containerizer: Containerizer
  readonly checkpoint: Checkpoint
  readonly listener: TaskListener
  readonly agentInfo: v1.AgentInfo
  readonly specSettings: SpecSettings
  readonly executors: Pick<ExecutorsOptions, 'spec' | 'times' | 'endpoints' | 'variables'>
  /** The host's own address, for tasks that have none of their own. */
  readonly ip: string
  readonly metrics: AgentMetrics
  /** What an update that tells a task's end is kept with. */
  readonly endOf?: TaskTellerOptions['endOf']
  /** Told of every status; must not throw. */
  readonly onEvent: (event: AgentEvent) => void
  readonly log: Log
}

/** Runs tasks in containers, and tells their schedulers. */
export class TaskRunner implements AgentTasks {
  readonly #options: TaskRunnerOptions
  readonly #teller: TaskTeller
  readonly #checks: TaskChecks
  readonly #identity: AgentIdentity
  #unsent: Update[] = []
  readonly agentInfo: v1.AgentInfo
  readonly book: TaskBook
  /** New limits for tasks that run. */
  readonly updates: TaskUpdates
  /** Those who run tasks in our stead. */
  readonly executors: Executors
  /** What a master elsewhere is told of. */
  readonly known: KnownTasks
  readonly wishes: MasterWishes

  constructor (options: TaskRunnerOptions) {
    const { listener, metrics, containerizer } = options
    this.#options = options
    this.agentInfo = options.agentInfo
    this.book = taskBook({
      onAdd: task => { this.#teller.note(task) },
      onClose: task => { options.checkpoint.commit(taskGone(task)).catch(() => {}) },
    })
    const identity = this.#identity = agentIdentity(options.agentInfo, options.ip)
    this.#teller = new TaskTeller({ ...options, identity, recast: (task, status) => this.wishes.draining.recast(task, status) })
    this.#checks = new TaskChecks({
      containerizer, metrics: metrics.checks, hostIp: options.ip, log: options.log, tell: (task, word) => { this.#teller.tell(task, word) },
      end: (task, why) => { this.#end(task, why, task.hasOverrun ? 0 : task.container.spec.graceMs) },
    })
    this.updates = new TaskUpdates({ containerizer, listener, book: this.book, onChange: task => { this.#teller.note(task) } })
    this.executors = new Executors({
      ...options, ...options.executors, tasks: this.book, identity, note: task => { this.#teller.note(task) },
      tell: (task, status) => { this.#teller.deliver(task, status) },
    })
    this.known = new KnownTasks({ tasks: this.book, executors: this.executors.book, teller: this.#teller, identity })
    this.wishes = new MasterWishes(options, this, this.book)
    metrics.executorsFrom(() => this.executors.book.all())
  }

  launch (info: v1.TaskInfo, framework: v1.FrameworkInfo): void {
    const { log } = this.#options
    const frameworkId = framework.id?.value ?? ''
    const taskId = info.task_id.value
    try {
      checkLength(info)
      if (info.executor !== undefined) {
        this.executors.launch(info, info.executor, framework)
        return
      }
      const task = this.#accept(info, framework)
      this.#watchOver(task)
    } catch (cause) {
      const error = AgentError.from(cause)
      log.info({ frameworkId, taskId, code: error.code }, `task refused: ${chain(error)}`)
      this.#teller.push(frameworkId, toStatus(refusedWord(error), { ...this.#identity, taskId, containerId: randomUUID(), sequence: 1 }))
      this.#options.listener.released(frameworkId, taskId)
      this.executors.taskRefused(frameworkId, info.executor)
    }
  }

  /** Takes in the tasks of an earlier run, and the updates that nobody has acknowledged. What becomes of them is told from `resume` on. */
  restore (snapshot: Snapshot): Recovered {
    const { book } = this.executors
    restoreTasks(snapshot, { ...this.#options, book: this.book, executors: book })
    this.#unsent = this.#teller.restore(snapshot)
    this.wishes.restore(snapshot)
    return { tasks: recoveredTasks(this.book.open(), this.#unsent), executors: book.all() }
  }

  resume (): void {
    for (const task of this.book.open()) {
      if (task.executor !== undefined) continue
      this.#watchOver(task)
      if (task.isSilent) void this.#options.containerizer.destroy(task.container, task.container.spec.graceMs, 'its framework is gone')
    }
    this.executors.resume()
    this.wishes.draining.resume()
    this.#teller.streams.restore(this.#unsent.splice(0))
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
    this.#teller.note(task)
    this.#checks.stop(task)
    void this.#options.containerizer.destroy(container, grace, why)
    if (isFirst && tellsKilling && !hasOverrun && container.timeline.hasBegun('start')) this.#teller.tell(task, { state: 'TASK_KILLING' })
  }

  acknowledge (frameworkId: string, taskId: string, uuid: Uint8Array): boolean {
    return this.#teller.streams.acknowledge(frameworkId, taskId, uuid)
  }

  message (frameworkId: string, executorId: string, data: Uint8Array): boolean { return this.executors.sendMessage(frameworkId, executorId, data) }

  shutdownExecutor (frameworkId: string, executorId: string): boolean { return this.executors.shutdown(frameworkId, executorId) }

  resend (frameworkId: string): void {
    this.#teller.streams.resend(frameworkId)
  }

  removeFramework (frameworkId: string): void {
    for (const task of this.book.ofFramework(frameworkId)) {
      task.isSilent = true
      if (task.executor !== undefined) continue
      this.#checks.stop(task)
      void this.#options.containerizer.destroy(task.container, task.container.spec.graceMs, 'its framework is gone')
    }
    this.executors.removeFramework(frameworkId)
    this.#teller.streams.drop(frameworkId)
  }

  /** Whoever closes the containerizer ends the tasks; this is what they are told. */
  announceEnd (reason: string): void {
    for (const task of this.book.open()) task.killedFor ??= `the agent is stopping: ${reason}`
    this.executors.announceEnd(reason)
  }

  /** Waits until their frameworks have acknowledged what tasks were told of, `ms` at most. */
  async heard (ms: number): Promise<void> { await this.#teller.streams.heard(ms) }

  /** Tells nobody anything any more; what still happens is written down for the next run to tell. */
  close (): void {
    this.#checks.close()
    this.executors.close()
    this.#teller.streams.close()
  }

  #accept (info: v1.TaskInfo, framework: v1.FrameworkInfo): Task {
    const { containerizer, specSettings, log } = this.#options
    const frameworkId = framework.id?.value ?? ''
    const containerId = randomUUID()
    const spec = taskToSpec(info, frameworkId, containerId, { ...specSettings, gpusInUse: this.executors.gpusInUse() })
    const { check } = readChecks(info)
    const fresh = { frameworkId, taskId: info.task_id.value, info, containerId, checkStatus: check && checkStatus(check.target.kind, undefined) }
    const container = containerizer.launch(spec, launchPriority(info.labels, performance.now()), { alongside: [newTaskChange(fresh)] })
    const task = newTask(fresh, framework, container)
    this.book.add(task)
    log.info({ frameworkId, taskId: task.taskId, containerId, image: spec.image }, 'task accepted')
    return task
  }

  #watchOver (task: Task): void {
    const { frameworkId, taskId } = task
    this.#live(task).catch((error: unknown) => { this.#options.log.error({ frameworkId, taskId, error }, 'a task was lost track of') })
  }

  /** The whole life of a task, straight on; of one of an earlier run, what is left of it. */
  async #live (task: Task): Promise<void> {
    const { listener, log } = this.#options
    const { container, frameworkId, taskId, containerId } = task
    await Promise.race([container.imageReady.promise, container.ended.promise])
    if (container.termination === undefined && task.statuses.length === 0) this.#teller.tell(task, { state: 'TASK_STARTING' })
    if (await container.running.promise.then(() => true, () => false)) {
      task.runningSince ??= instant()
      this.#checks.limitTime(task)
      if (task.killedFor === undefined) await this.#tellRunning(task)
      this.#checks.begin(task)
    }
    const termination = await container.ended.promise
    this.#checks.stop(task)
    if (!isTerminal(task.lastStatus?.state)) {
      const word = lastWord(task, termination)
      log.info({ frameworkId, taskId, containerId, state: word.state, code: termination.error?.code }, `task ended: ${word.message ?? ''}`)
      this.#teller.tell(task, word)
    }
    if (termination.mayStillRun) await container.gone.promise
    listener.released(frameworkId, taskId)
    this.book.close(task)
  }

  /** The inspect goes along, or follows if the engine takes its time. */
  async #tellRunning (task: Task): Promise<void> {
    const { container } = task
    const isKnown = task.statuses.some(({ state }) => state === 'TASK_RUNNING')
    if (!isKnown) this.#teller.tell(task, runningWord(task))
    const isLate = !isKnown && container.inspected === undefined
    await Promise.race([container.looked.promise, container.ended.promise])
    // One that is being killed is not said to run again.
    if (isLate && container.inspected !== undefined && task.killedFor === undefined) this.#teller.tell(task, runningWord(task))
  }
}
