import { heldRecord } from './executors/executor-records.ts'
import type { Container } from '../containerizer/container.ts'
import { AgentError } from '../model/errors.ts'
import { drop, put, type Change } from '../store/checkpoint.ts'
import type { FrameworkRecord, TaskRecord } from '../store/records.ts'
import { parseJson, printJson } from '../wire/json.ts'
import type { v1 } from '../wire/messages.ts'
import type { Task } from './task.ts'

/** A record takes 4 Mi characters (group-commit.ts): a text within it up to twice its own length, and the engine tells half of it again. */
const maxInfoLength = 1_000_000

/** Throws SPEC_INVALID where a task is described at such length that it could not be written down. */
export function checkLength (info: v1.TaskInfo): void {
  const { length } = printedOnce('v1.TaskInfo', info)
  if (length <= maxInfoLength) return
  throw new AgentError('SPEC_INVALID', `TaskInfo has ${length} characters as JSON; at most ${maxInfoLength} can be checkpointed`, { field: 'task_info' })
}

/** What is written down of a task before it has a container. */
export type NewTask = Pick<Task, 'frameworkId' | 'taskId' | 'info' | 'containerId' | 'checkStatus'>

export function newTaskChange (task: NewTask): Change {
  return put('task', keyOf(task), {
    frameworkId: task.frameworkId, taskId: task.taskId, info: printedOnce('v1.TaskInfo', task.info), checkStatus: checkText(task.checkStatus),
    hasOverrun: false, isUnhealthy: false, sequence: 0, statuses: [],
  })
}

export function taskChange (task: Task): Change {
  const { frameworkId, taskId, killedFor, hasOverrun, isUnhealthy, sequence, ip, runningSince, health } = task
  return put('task', keyOf(task), {
    frameworkId, taskId, killedFor, hasOverrun, isUnhealthy, sequence, ip, runningSince, health,
    info: printedOnce('v1.TaskInfo', task.info),
    statuses: task.statuses.map(status => printedOnce('v1.TaskStatus', status)),
    checkStatus: checkText(task.checkStatus),
    held: heldRecord(task),
    wanted: task.wanted?.map(resource => printJson('v1.Resource', resource)),
  })
}

export function taskGone (task: Task): Change {
  return drop('task', keyOf(task))
}

/** The task of an earlier run. Without its framework nobody is told of it. */
export function taskFrom (record: TaskRecord, container: Container, of: FrameworkRecord | undefined): Task {
  const framework = frameworkFrom(of)
  const { frameworkId, taskId, killedFor, hasOverrun, isUnhealthy, sequence, ip, runningSince, health, checkStatus } = record
  const statuses = record.statuses.map(text => parseJson('v1.TaskStatus', JSON.parse(text)))
  return {
    frameworkId, taskId, killedFor, hasOverrun, isUnhealthy, sequence, ip, runningSince, health, container, statuses,
    containerId: container.id,
    framework: framework ?? { id: { value: frameworkId }, name: '', user: '' },
    isSilent: framework === undefined,
    tellsKilling: tellsKilling(framework),
    info: infoFrom(record, container),
    lastStatus: statuses.at(-1),
    checkStatus: checkStatus === undefined ? undefined : parseJson('v1.CheckStatusInfo', JSON.parse(checkStatus)),
  }
}

/** An update that was cut off counts where its container has taken it. */
function infoFrom ({ info, wanted }: TaskRecord, { extras: { past } }: Container): v1.TaskInfo {
  const written = parseJson('v1.TaskInfo', JSON.parse(info))
  if (wanted === undefined || past?.tookUpdate !== true) return written
  return { ...written, resources: wanted.map(text => parseJson('v1.Resource', JSON.parse(text))) }
}

export function frameworkFrom (record: FrameworkRecord | undefined): v1.FrameworkInfo | undefined {
  return record && parseJson('v1.FrameworkInfo', JSON.parse(record.info))
}

/** The framework wants TASK_KILLING. */
export function tellsKilling (framework: v1.FrameworkInfo | undefined): boolean {
  return (framework?.capabilities ?? []).some(({ type }) => type === 'TASK_KILLING_STATE')
}

/** A task id alone does for one framework at a time only. */
function keyOf ({ containerId, taskId }: NewTask): string {
  return `${containerId}/${taskId}`
}

/** The container's id in a task's key. */
export function containerOf (key: string): string {
  return key.slice(0, key.indexOf('/'))
}

function checkText (status: v1.CheckStatusInfo | undefined): string | undefined {
  return status && printJson('v1.CheckStatusInfo', status)
}

/** A task is written down many times over; what it was described by, and told of, is replaced as a whole and never changed. */
const printed = new WeakMap<v1.TaskInfo | v1.TaskStatus, string>()

function printedOnce (type: 'v1.TaskInfo' | 'v1.TaskStatus', message: v1.TaskInfo | v1.TaskStatus): string {
  const known = printed.get(message)
  if (known !== undefined) return known
  const text = printJson(type, message)
  printed.set(message, text)
  return text
}
