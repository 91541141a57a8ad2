import { randomUUID } from 'node:crypto'
import type { AgentTasks, TaskListener } from '../../../../src/agent/port.ts'
import { StatusStreams } from '../../../../src/agent/status-streams.ts'
import type { v1 } from '../../../../src/wire/messages.ts'

interface ModelTask { readonly frameworkId: string, readonly id: string, isRunning: boolean, isKilled: boolean, isSilent: boolean, isOver: boolean }

/** A host whose tasks go on when the test says so. Its updates are repeated by the agent's own streams. */
export class ModelHost implements AgentTasks {
  readonly agentInfo: v1.AgentInfo
  listener: TaskListener | undefined
  /** What was told of each task, in order, of frameworks that were not removed. */
  readonly told = new Map<string, string[]>()
  readonly #tasks: ModelTask[] = []
  readonly #streams = new StatusStreams({ deliver: (frameworkId, status) => this.listener?.update(frameworkId, status) })

  constructor (agentId: string) { this.agentInfo = { hostname: 'h', id: { value: agentId } } }

  get pendingUpdates (): number { return this.#streams.pending }
  get runs (): number { return this.#tasks.length }

  launch (info: v1.TaskInfo, framework: v1.FrameworkInfo): void {
    const task = { frameworkId: framework.id?.value ?? '', id: info.task_id.value, isRunning: false, isKilled: false, isSilent: false, isOver: false }
    this.#tasks.push(task)
    this.#tell(task, 'TASK_STARTING')
  }

  kill (frameworkId: string, taskId: string): boolean {
    const task = this.#tasks.find(task => task.frameworkId === frameworkId && task.id === taskId && !task.isOver)
    if (task !== undefined) task.isKilled = true
    return task !== undefined
  }

  acknowledge (frameworkId: string, taskId: string, uuid: Uint8Array): boolean {
    return this.#streams.acknowledge(frameworkId, taskId, uuid)
  }

  message (): boolean { return false }

  shutdownExecutor (): boolean { return false }

  resend (frameworkId: string): void { this.#streams.resend(frameworkId) }

  removeFramework (frameworkId: string): void {
    for (const task of this.#tasks) if (task.frameworkId === frameworkId) Object.assign(task, { isSilent: true, isKilled: true })
    for (const key of this.told.keys()) if (key.startsWith(`${frameworkId}\n`)) this.told.delete(key)
    this.#streams.drop(frameworkId)
  }

  /** One step in the life of a task: it runs, it ends, what it held is free. */
  progress (pick: number): void {
    const task = this.#tasks.at(pick % Math.max(1, this.#tasks.length))
    if (task === undefined) return
    if (task.isOver) {
      this.#tasks.splice(this.#tasks.indexOf(task), 1)
      this.listener?.released(task.frameworkId, task.id)
    } else if (task.isRunning || task.isKilled) {
      task.isOver = true
      this.#tell(task, task.isKilled ? 'TASK_KILLED' : 'TASK_FINISHED')
    } else {
      task.isRunning = true
      this.#tell(task, 'TASK_RUNNING')
    }
  }

  #tell (task: ModelTask, state: v1.TaskState): void {
    if (task.isSilent) return
    const uuid = randomUUID().replaceAll('-', '')
    const key = `${task.frameworkId}\n${task.id}`
    this.told.set(key, [...this.told.get(key) ?? [], uuid])
    this.#streams.push(task.frameworkId, {
      task_id: { value: task.id }, state, agent_id: this.agentInfo.id, uuid: Buffer.from(uuid, 'hex'), timestamp: Date.now() / 1000,
    })
  }
}
