import { randomUUID } from 'node:crypto'
import { race, startDeadline } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Containerizer } from '../containerizer/containerizer.ts'
import type { Engine, Inspected } from '../engine/port.ts'
import { AgentError, chain } from '../model/errors.ts'
import type { v1 } from '../wire/messages.ts'
import type { AgentMetrics } from './metrics.ts'
import type { AgentTasks, TaskListener } from './port.ts'
import { statusStreams } from './status-streams.ts'
import { refusedWord, terminalWord, toStatus, type Word } from './task-status.ts'
import { graceMs, taskToSpec, type SpecSettings } from './task-to-spec.ts'
import type { Task } from './task.ts'
import { taskBook, type TaskBook } from './task-book.ts'

export interface AgentTasksOptions {
  readonly containerizer: Containerizer
  readonly engine: Engine
  readonly listener: TaskListener
  readonly agentInfo: v1.AgentInfo
  readonly specSettings: SpecSettings
  /** The host's own address, for tasks that have none of their own. */
  readonly ip: string
  readonly metrics: AgentMetrics
  readonly log: Log
}

/** RUNNING waits this long for the container's inspect; then it goes out without, and the inspect follows. */
const inspectMs = 2_000
const lateInspectMs = 30_000
/** What one step of `slipway.priority` is worth in time spent waiting: nothing waits for ever behind the important. */
const msPerPriority = 10_000

export function createAgentTasks (options: AgentTasksOptions): AgentTasks & { readonly book: TaskBook } {
  const { containerizer, engine, listener, agentInfo, metrics, log } = options
  const agentId = agentInfo.id?.value ?? ''
  const book = taskBook()
  const streams = statusStreams({ deliver: (frameworkId, status) => { listener.update(frameworkId, status) } })
  metrics.pendingFrom(() => streams.pending)

  function tell (task: Pick<Task, 'frameworkId' | 'taskId' | 'containerId' | 'ip'> & Partial<Task>, word: Word): void {
    if (task.isSilent) return
    task.sequence = (task.sequence ?? 0) + 1
    const status = toStatus(word, { ...task, agentId, ip: task.ip ?? options.ip, sequence: task.sequence })
    task.lastStatus = status
    metrics.updates.inc({ state: word.state })
    streams.push(task.frameworkId, status)
  }

  /** The whole life of a task, straight on. */
  async function live (task: Task): Promise<void> {
    const { container, frameworkId, taskId, containerId } = task
    await Promise.race([container.imageReady.promise, container.ended.promise])
    if (container.termination === undefined) tell(task, { state: 'TASK_STARTING' })
    if (await container.running.promise.then(() => true, () => false)) await tellRunning(task)
    const termination = await container.ended.promise
    const word = terminalWord(termination, task.isKilled)
    log.info({ frameworkId, taskId, containerId, state: word.state, code: termination.error?.code }, `task ended: ${word.message ?? ''}`)
    tell(task, word)
    if (termination.mayStillRun) await container.gone.promise
    listener.released(frameworkId, taskId)
    book.close(task)
  }

  async function tellRunning (task: Task): Promise<void> {
    const inspecting = inspect(task)
    using deadline = startDeadline(undefined, inspectMs, () => new Error('late'))
    const inspected = await race(inspecting, deadline.signal).catch(() => undefined)
    tell(task, runningWord(task, inspected))
    if (!deadline.signal.aborted) return
    void inspecting.then(late => { if (late !== undefined && task.container.termination === undefined) tell(task, runningWord(task, late)) })
  }

  async function inspect (task: Task): Promise<Inspected | undefined> {
    using deadline = startDeadline(undefined, lateInspectMs, () => new AgentError('STAGE_TIMEOUT', 'inspect took too long'))
    try {
      return await engine.inspect(task.container.spec.name, deadline.signal)
    } catch (error) {
      log.warn({ containerId: task.containerId, error }, 'a running container could not be inspected')
      return undefined
    }
  }

  function runningWord (task: Task, inspected: Inspected | undefined): Word {
    task.ip = inspected?.ipAddress
    return { state: 'TASK_RUNNING', ...(inspected && { data: Buffer.from(JSON.stringify([inspected.document])) }) }
  }

  function refuse (frameworkId: string, taskId: string, error: AgentError): void {
    const state = error.retry ? 'TASK_FAILED' : 'TASK_ERROR'
    log.info({ frameworkId, taskId, code: error.code }, `task refused: ${chain(error)}`)
    tell({ frameworkId, taskId, containerId: randomUUID(), ip: undefined }, refusedWord(state, chain(error)))
    listener.released(frameworkId, taskId)
  }

  return {
    agentInfo,
    book,
    launch (info, framework) {
      const frameworkId = framework.id?.value ?? ''
      const taskId = info.task_id.value
      try {
        const containerId = randomUUID()
        const container = containerizer.launch(taskToSpec(info, frameworkId, containerId, options.specSettings), priorityOf(info))
        const task: Task = {
          frameworkId, taskId, info, containerId, container, isKilled: false, isSilent: false, sequence: 0, ip: undefined, lastStatus: undefined,
          tellsKilling: (framework.capabilities ?? []).some(({ type }) => type === 'TASK_KILLING_STATE'),
        }
        book.open(task)
        log.info({ frameworkId, taskId, containerId, image: container.spec.image }, 'task accepted')
        live(task).catch((error: unknown) => { log.error({ taskId, error }, 'a task was lost track of') })
      } catch (error) {
        refuse(frameworkId, taskId, AgentError.from(error))
      }
    },
    kill (frameworkId, taskId, policy) {
      const task = book.find(frameworkId, taskId)
      if (task === undefined) return false
      const { container } = task
      if (container.termination !== undefined) return true        // its last word is on its way
      if (!task.isKilled && task.tellsKilling && container.state === 'running') tell(task, { state: 'TASK_KILLING' })
      task.isKilled = true
      void containerizer.destroy(container, graceMs(policy) ?? container.spec.graceMs, 'killed')
      return true
    },
    acknowledge: (frameworkId, taskId, uuid) => streams.acknowledge(frameworkId, taskId, uuid),
    resend: frameworkId => { streams.resend(frameworkId) },
    removeFramework (frameworkId) {
      for (const task of book.ofFramework(frameworkId)) {
        task.isSilent = true
        void containerizer.destroy(task.container, task.container.spec.graceMs, 'its framework is gone')
      }
      streams.drop(frameworkId)
    },
  }
}

function priorityOf ({ labels }: v1.TaskInfo): number {
  const steps = Number(labels?.labels?.find(({ key }) => key === 'slipway.priority')?.value ?? 0)
  const bounded = Number.isFinite(steps) ? Math.min(Math.max(steps, -1000), 1000) : 0
  return bounded * msPerPriority - performance.now()
}
