import { randomUUID } from 'node:crypto'
import type { Containerizer } from '../../containerizer/containerizer.ts'
import { deferred } from '../../base/deferred.ts'
import { AgentError, chain } from '../../model/errors.ts'
import type { v1 } from '../../wire/messages.ts'
import type { Task } from '../task.ts'
import { refuseBeyondExecutor } from './beyond-executor.ts'
import { conclude, leave } from './conclude-executor.ts'
import type { ExecutorEndpoints } from './endpoints.ts'
import { idsOf, isEnding, newExecutor, newExecutorToken, tokenDigest, type Executor, type ExecutorEnd } from './executor.ts'
import { executorBook } from './executor-book.ts'
import { shutdownGraceMs, type ExecutorTimes } from './executor-environment.ts'
import { KeptExecutors } from './kept-executors.ts'
import { launchExecutor } from './launch-executor.ts'
import { returnTerms } from './executor-return.ts'
import type { ExecutorLink, ExecutorPort, Unacknowledged } from './executor-port.ts'
import { ExecutorTasks, type ExecutorTasksOptions } from './executor-tasks.ts'
import type { ExecutorSpecSettings } from './executor-to-spec.ts'
import { ends, endWord, introduction } from './executor-words.ts'

export interface ExecutorsOptions extends ExecutorTasksOptions {
  readonly containerizer: Pick<Containerizer, 'launch' | 'destroy' | 'update' | 'register'>
  readonly agentInfo: v1.AgentInfo
  readonly spec: ExecutorSpecSettings
  readonly times: ExecutorTimes & { readonly registrationMs: number }
  readonly endpoints: ExecutorEndpoints
  /** What an operator gives all of them in their environment. */
  readonly variables: Readonly<Record<string, string>>
}

/** An executor that closes its stream and ends by itself is left this long for it. */
const leaveMs = 1_000

/** Executors in containers: from the first task that wants one until its container is gone. */
export class Executors implements ExecutorPort {
  readonly #options: ExecutorsOptions
  readonly #tasks: ExecutorTasks
  readonly #kept: KeptExecutors
  /** Executors that lost an earlier run of the agent find this one from then on. */
  readonly #serving = deferred()
  readonly #closing = new AbortController()
  readonly book = executorBook()

  constructor (options: ExecutorsOptions) {
    this.#options = options
    this.#kept = new KeptExecutors(options.checkpoint)
    this.#tasks = new ExecutorTasks(options)
  }

  /** Hands a task to its executor, which is started if there is none. Throws when that cannot be: then nothing has happened. */
  launch (info: v1.TaskInfo, asked: v1.ExecutorInfo, framework: v1.FrameworkInfo): void {
    refuseBeyondExecutor(info)
    const executor = this.book.find(framework.id?.value ?? '', asked.executor_id.value) ?? this.#start(info, asked, framework)
    this.#tasks.add(executor, info)
  }

  /** A task of it was refused. One that was there before goes on; of another, nothing is held any more. */
  taskRefused (frameworkId: string, asked: v1.ExecutorInfo | undefined): void {
    if (asked === undefined || this.book.find(frameworkId, asked.executor_id.value) !== undefined) return
    this.#options.listener.executorReleased(frameworkId, asked.executor_id.value)
  }

  /** Goes on with the executors of an earlier run, which are in the book. */
  resume (): void {
    for (const executor of this.book.all()) {
      const { container, gateway, isSilent } = executor
      if (gateway !== undefined) void this.#options.endpoints.environmentFor(container.spec, gateway)
      this.#watchOver(executor)
      if (isSilent) this.#terminate(executor, ends.shutDown)
    }
  }

  /** The agent can be found: those that lost an earlier run of it have their time to come back. */
  serve (): void { this.#serving.resolve() }

  kill ({ executor, taskId }: Task, policy: v1.KillPolicy | undefined): void {
    const held = executor?.tasks.get(taskId)
    if (executor === undefined || held === undefined) return
    this.#tasks.kill(executor, held, policy)
    if (executor.state === 'REGISTERING' && executor.tasks.size === 0) this.#terminate(executor, ends.noTasks)
  }

  /** False when there is no such executor. */
  shutdown (frameworkId: string, executorId: string): boolean {
    const executor = this.book.find(frameworkId, executorId)
    if (executor !== undefined) this.#terminate(executor, ends.shutDown)
    return executor !== undefined
  }

  /** From a framework to its executor; false when that does not hear. */
  sendMessage (frameworkId: string, executorId: string, data: Uint8Array): boolean {
    const link = this.book.find(frameworkId, executorId)?.link
    link?.send({ type: 'MESSAGE', message: { data } })
    return link !== undefined
  }

  removeFramework (frameworkId: string): void {
    for (const executor of this.book.ofFramework(frameworkId)) {
      executor.isSilent = true
      this.#terminate(executor, ends.shutDown)
    }
  }

  /** Whoever closes the containerizer ends the containers; this is what their tasks are told. */
  announceEnd (why: string): void {
    for (const executor of this.book.all()) {
      executor.endedFor ??= ends.agentStops(why)
      executor.link?.send({ type: 'SHUTDOWN' })
    }
  }

  /** Tells nobody anything any more. */
  close (): void {
    this.#closing.abort()
    for (const executor of this.book.all()) leave(executor)
  }

  find (frameworkId: string, executorId: string): Executor | undefined { return this.book.find(frameworkId, executorId) }
  hasFramework (frameworkId: string): boolean { return this.book.hasFramework(frameworkId) }
  byToken (token: string): Executor | undefined { return this.book.byToken(token) }

  subscribe (executor: Executor, link: ExecutorLink, { tasks, updates }: Unacknowledged): void {
    if (isEnding(executor)) {
      link.send({ type: 'SHUTDOWN' })
      link.close()
      return
    }
    const isNew = executor.state === 'REGISTERING'
    executor.link?.close()
    clearTimeout(executor.timer)
    executor.link = link
    executor.pid = link.pid
    executor.state = 'RUNNING'
    this.#kept.note(executor)
    executor.registered.resolve()
    this.#options.log.info({ ...idsOf(executor), isNew }, 'an executor subscribed')
    link.send({ type: 'SUBSCRIBED', subscribed: introduction(executor, this.#options.agentInfo) })
    this.#tasks.recognize(executor, [...tasks, ...updates])
    for (const status of updates) this.update(executor, status)
    this.#tasks.resume(executor, new Set(tasks.map(task => task.task_id.value)))
    if (isNew && executor.tasks.size === 0) this.#terminate(executor, ends.noTasks)
  }

  update (executor: Executor, status: v1.TaskStatus): void {
    const { task_id: taskId, uuid = new Uint8Array() } = status
    this.#tasks.hear(executor, status, uuid)
    void this.#kept.written(this.#closing.signal).then(isWritten => {
      if (isWritten) executor.link?.send({ type: 'ACKNOWLEDGED', acknowledged: { task_id: taskId, uuid } })
    })
  }

  message ({ frameworkId, executorId, isSilent }: Executor, data: Uint8Array): void {
    if (!isSilent) this.#options.listener.message(frameworkId, executorId, data)
  }

  disconnected (executor: Executor, link: ExecutorLink): void {
    if (executor.link !== link) return
    executor.link = undefined
    if (executor.state !== 'RUNNING') return
    const { times: { recoveryMs }, log } = this.#options
    const hasCheckpoints = executor.framework.checkpoint ?? false
    log.info({ ...idsOf(executor), hasCheckpoints }, 'an executor is disconnected')
    const end = hasCheckpoints ? ends.notBack(executor.framework, recoveryMs) : ends.disconnected
    executor.timer = setTimeout(() => { this.#terminate(executor, end) }, hasCheckpoints ? recoveryMs : leaveMs)
  }

  /** By executors and by tasks without one. */
  * gpusInUse (): Generator<string> {
    for (const { container: { spec: { gpus = [] } } } of [...this.#options.tasks.open(), ...this.book.all()]) yield * gpus
  }

  #start (task: v1.TaskInfo, asked: v1.ExecutorInfo, framework: v1.FrameworkInfo): Executor {
    const frameworkId = framework.id?.value ?? ''
    const info: v1.ExecutorInfo = { ...asked, type: 'CUSTOM', framework_id: { value: frameworkId } }
    const token = newExecutorToken()
    const fresh = { frameworkId, executorId: asked.executor_id.value, framework, info, containerId: randomUUID(), tokenDigest: tokenDigest(token) }
    const onGateway = (gateway: string): Promise<void> => this.#kept.gateway(executor, gateway)
    const executor = newExecutor({ ...fresh, container: launchExecutor(fresh, { token, task, onGateway }, { ...this.#options, gpusInUse: this.gpusInUse() }) })
    this.book.add(executor)
    this.#options.log.info({ ...idsOf(executor), image: executor.container.spec.image }, 'an executor is launched')
    this.#watchOver(executor)
    return executor
  }

  #watchOver (executor: Executor): void {
    this.#live(executor).catch((error: unknown) => { this.#options.log.error({ ...idsOf(executor), error: chain(error) }, 'an executor was lost track of') })
  }

  /** The whole life of an executor, straight on; of one of an earlier run, what is left of it. */
  async #live (executor: Executor): Promise<void> {
    const { listener, endpoints } = this.#options
    const { container, frameworkId, executorId } = executor
    const hasCome = await container.running.promise.then(() => true, () => false)
    if (hasCome) await (container.isFromBefore ? this.#awaitReturn(executor) : this.#register(executor))
    const termination = await container.ended.promise
    conclude(executor, termination, this.#options)
    const held = this.#tasks.end(executor, endWord(executor, termination))
    if (termination.mayStillRun) await container.gone.promise
    endpoints.release(container.id)
    for (const one of held) this.#tasks.release(one)
    this.book.remove(executor)
    this.#kept.forget(executor)
    listener.executorReleased(frameworkId, executorId)
  }

  async #register (executor: Executor): Promise<void> {
    const { containerizer, times: { registrationMs }, log } = this.#options
    try {
      await containerizer.register(executor.container, executor.registered.promise)
    } catch (error) {
      if (AgentError.from(error).code !== 'STAGE_TIMEOUT' || executor.state !== 'REGISTERING') return
      log.warn({ ...idsOf(executor), error: chain(error) }, 'an executor did not register')
      this.#terminate(executor, ends.notRegistered(registrationMs))
    }
  }

  /** One of an earlier run is ended when it does not come back in time. */
  async #awaitReturn (executor: Executor): Promise<void> {
    const { container } = executor
    await Promise.race([this.#serving.promise, container.ended.promise])
    if (executor.link !== undefined || container.termination !== undefined || this.#closing.signal.aborted) return
    const { ms, end } = returnTerms(executor, this.#options.times)
    clearTimeout(executor.timer)
    executor.timer = setTimeout(() => {
      if (isEnding(executor)) void this.#options.containerizer.destroy(container, 0, end.message)
      else this.#terminate(executor, end)
    }, ms)
  }

  /** SHUTDOWN, the grace, then the end of its container; at once where nobody would hear. */
  #terminate (executor: Executor, end: ExecutorEnd): void {
    if (isEnding(executor)) return
    const { container, link, info } = executor
    const destroy = (graceMs: number): void => { void this.#options.containerizer.destroy(container, graceMs, end.message) }
    executor.state = 'TERMINATING'
    executor.endedFor ??= end
    this.#kept.note(executor)
    clearTimeout(executor.timer)
    if (link === undefined) { destroy(container.spec.graceMs); return }
    void this.#kept.tellOnceWritten(executor, { type: 'SHUTDOWN' }).then(() => {
      if (executor.state !== 'TERMINATING' || this.#closing.signal.aborted) return
      executor.timer = setTimeout(() => { destroy(0) }, shutdownGraceMs(info, this.#options.times))
    })
  }
}
