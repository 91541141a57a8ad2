import { randomUUID } from 'node:crypto'
import type { AgentTasks, TaskListener } from '../../src/agent/port.ts'
import type { v1 } from '../../src/wire/messages.ts'

export interface FakeTask {
  info: v1.TaskInfo
  framework: v1.FrameworkInfo
  /** The update that waits to be acknowledged. */
  uuid: Uint8Array | undefined
  killed: v1.KillPolicy | undefined | 'no'
}

/** An agent that runs nothing: the test says what becomes of each task. */
export class FakeAgent implements AgentTasks {
  readonly agentInfo: v1.AgentInfo
  readonly tasks = new Map<string, FakeTask>()
  readonly calls: string[] = []
  listener: TaskListener | undefined

  constructor (agentId: string, attributes: v1.Attribute[] = []) {
    this.agentInfo = { hostname: '127.0.0.1', id: { value: agentId }, attributes }
  }

  launch (info: v1.TaskInfo, framework: v1.FrameworkInfo): void {
    this.calls.push(`launch ${info.task_id.value}`)
    this.tasks.set(info.task_id.value, { info, framework, uuid: undefined, killed: 'no' })
  }

  kill (_frameworkId: string, taskId: string, policy?: v1.KillPolicy): boolean {
    this.calls.push(`kill ${taskId}`)
    const task = this.tasks.get(taskId)
    if (task !== undefined) task.killed = policy
    return task !== undefined
  }

  acknowledge (_frameworkId: string, taskId: string, uuid: Uint8Array): boolean {
    this.calls.push(`acknowledge ${taskId}`)
    const task = this.tasks.get(taskId)
    if (task?.uuid === undefined || !Buffer.from(task.uuid).equals(uuid)) return false
    task.uuid = undefined
    return true
  }

  message (frameworkId: string, executorId: string, data: Uint8Array): boolean {
    this.calls.push(`message ${executorId} ${Buffer.from(data).toString()}`)
    return frameworkId !== ''
  }

  shutdownExecutor (_frameworkId: string, executorId: string): boolean {
    this.calls.push(`shutdown ${executorId}`)
    return true
  }

  resend (frameworkId: string): void { this.calls.push(`resend ${frameworkId}`) }

  removeFramework (frameworkId: string): void { this.calls.push(`removeFramework ${frameworkId}`) }

  /** Tells the master an update of a task. */
  tell (taskId: string, state: v1.TaskState, more: Partial<v1.TaskStatus> = {}): void {
    const task = this.tasks.get(taskId)
    if (task === undefined) throw new Error(`there is no task ${taskId}`)
    task.uuid = Buffer.from(randomUUID().replaceAll('-', ''), 'hex')
    this.listener?.update(task.framework.id?.value ?? '', {
      task_id: { value: taskId }, state, source: 'SOURCE_EXECUTOR', agent_id: this.agentInfo.id, executor_id: { value: taskId },
      timestamp: Date.now() / 1000, uuid: task.uuid, ...more,
    })
  }

  /** Tells the master that a task's resources are free. */
  release (taskId: string): void {
    const task = this.tasks.get(taskId)
    this.tasks.delete(taskId)
    this.listener?.released(task?.framework.id?.value ?? '', taskId)
  }
}
