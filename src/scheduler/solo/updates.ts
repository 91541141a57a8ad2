import { isTerminal } from '../../agent/task-status.ts'
import { acknowledgeFor, forgetWhenEmpty, isLeftToUs } from './caretaker.ts'
import { agentIdOf, type Solo } from './solo.ts'
import { hasCapability, taskKey, type Framework, type LaunchedTask } from './framework.ts'
import type { scheduler, v1 } from '../../wire/messages.ts'

/** The master's own word on a task: without uuid, it wants no acknowledgement. */
export type MasterWord = Pick<v1.TaskStatus, 'state' | 'reason' | 'message' | 'healthy' | 'container_status'>

export function tellByMaster (framework: Framework, taskId: string, agentId: string | undefined, word: MasterWord): void {
  const status: v1.TaskStatus = {
    task_id: { value: taskId },
    source: 'SOURCE_MASTER',
    agent_id: agentId === undefined ? undefined : { value: agentId },
    timestamp: Date.now() / 1000,
    ...word,
  }
  framework.sink?.send({ type: 'UPDATE', update: { status } })
}

/** A task that never ran: older frameworks know TASK_LOST alone. */
export function lostState (framework: Framework, state: 'TASK_DROPPED' | 'TASK_GONE' | 'TASK_UNKNOWN'): v1.TaskState {
  return hasCapability(framework.info, 'PARTITION_AWARE') ? state : 'TASK_LOST'
}

/** An update by the agent. Nobody there to hear it is no harm: the agent repeats it until it is acknowledged. */
export function onUpdate (solo: Solo, frameworkId: string, status: v1.TaskStatus): void {
  const framework = solo.frameworks.get(frameworkId)
  if (framework === undefined) return
  const task = framework.tasks.get(status.task_id.value)
  if (task !== undefined) {
    // The engine's document is kilobytes; only its receiver wants it.
    task.latest = { ...status, data: undefined }
    if (isTerminal(status.state)) task.terminalUuid = base64(status.uuid)
  }
  framework.sink?.send({ type: 'UPDATE', update: { status } })
  if (isLeftToUs(framework)) {
    acknowledgeFor(solo, framework, status, uuid => { acknowledgeOne(solo, framework, status.task_id.value, uuid) })
  }
}

/** The task does not run any more: what it held can be offered again. */
export function onReleased (solo: Solo, frameworkId: string, taskId: string): void {
  if (!solo.ledger.release(taskKey(frameworkId, taskId))) {
    solo.log.warn({ frameworkId, taskId }, 'a task that holds nothing was released')
    return
  }
  const framework = solo.frameworks.get(frameworkId)
  const task = framework?.tasks.get(taskId)
  if (framework !== undefined && task !== undefined) {
    task.released = true
    forgetWhenOver(solo, framework, task)
  }
  solo.allocator.allocateSoon()
}

export function acknowledge (solo: Solo, framework: Framework, { acknowledge: call }: scheduler.Call): void {
  if (call === undefined) return
  const { agent_id: agentId, task_id: taskId, uuid } = call
  if (agentId.value === agentIdOf(solo) && acknowledgeOne(solo, framework, taskId.value, uuid)) return
  solo.log.info({ frameworkId: framework.id, taskId: taskId.value }, 'an acknowledgement of nothing was dropped')
}

function acknowledgeOne (solo: Solo, framework: Framework, taskId: string, uuid: Uint8Array): boolean {
  if (!solo.agent().acknowledge(framework.id, taskId, uuid)) return false
  const task = framework.tasks.get(taskId)
  if (task?.terminalUuid === undefined || task.terminalUuid !== base64(uuid)) return true
  task.acknowledged = true
  forgetWhenOver(solo, framework, task)
  return true
}

function forgetWhenOver (solo: Solo, framework: Framework, task: LaunchedTask): void {
  if (!task.released || !task.acknowledged) return
  framework.tasks.delete(task.id)
  forgetWhenEmpty(solo, framework)
}

function base64 (uuid: Uint8Array | undefined): string | undefined {
  return uuid === undefined ? undefined : Buffer.from(uuid).toString('base64')
}
