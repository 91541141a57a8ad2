import { constants } from 'node:os'
import type { Task } from '../../agent/task.ts'
import { AgentError } from '../../model/errors.ts'
import type { agent, v1 } from '../../wire/messages.ts'
import type { OperatorDeps } from './answers.ts'

const { SIGKILL, SIGTERM } = constants.signals

/** A container's name in Mesos's texts. */
function containerName ({ value, parent }: v1.ContainerID): string {
  return parent === undefined ? value : `${containerName(parent)}.${value}`
}

/** Ends a container: SIGTERM as a kill of its task does, SIGKILL without a grace. Its task is told to have been killed. */
export function killContainer ({ tasks }: OperatorDeps, { container_id: id, signal = SIGKILL }: agent.Call_KillContainer): undefined {
  const task = findTask(tasks.book, id)
  if (task === undefined || task.container.termination !== undefined) throw notFound(id)
  if (signal !== SIGKILL && signal !== SIGTERM) {
    throw new AgentError('NOT_SUPPORTED', `signal ${signal}: a container is ended with SIGTERM (${SIGTERM}) or SIGKILL (${SIGKILL})`)
  }
  if (task.executor !== undefined) tasks.executors.shutdown(task.frameworkId, task.executor.executorId)
  else tasks.kill(task.frameworkId, task.taskId, signal === SIGKILL ? { grace_period: { nanoseconds: 0 } } : undefined)
}

/** Answers when it has ended, however long that takes. */
export async function waitContainer ({ tasks }: OperatorDeps, { container_id: id }: agent.Call_WaitContainer): Promise<agent.Response_WaitContainer> {
  const task = findTask(tasks.book, id)
  if (task === undefined) throw notFound(id)
  const { exitCode } = await task.container.ended.promise
  return { exit_status: exitCode === undefined ? undefined : exitCode << 8, ...lastWord(task) }
}

/** What the task was told to have come to, as far as it has been told. An executor's tasks have words of their own. */
function lastWord ({ executor, lastStatus }: Task): Partial<agent.Response_WaitContainer> {
  return executor !== undefined || lastStatus === undefined ? {} : { state: lastStatus.state, reason: lastStatus.reason, message: lastStatus.message }
}

/** The agent removes containers itself, as they end; there is nothing more to do about one that has. */
export function removeContainer ({ tasks }: OperatorDeps, { container_id: id }: agent.Call_RemoveContainer): undefined {
  const task = findTask(tasks.book, id)
  if (task?.container.termination === undefined && task !== undefined) {
    throw new AgentError('SPEC_INVALID', `Container ${containerName(id)} has not ended`)
  }
}

function findTask (book: OperatorDeps['tasks']['book'], { value, parent }: v1.ContainerID): Task | undefined {
  return parent === undefined ? book.byContainer(value) : undefined       // there are no containers within containers
}

function notFound (id: v1.ContainerID): AgentError {
  return new AgentError('NOT_FOUND', `Container ${containerName(id)} cannot be found`)
}
