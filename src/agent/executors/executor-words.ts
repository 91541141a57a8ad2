import type { Termination } from '../../containerizer/container.ts'
import type { executor as api, v1 } from '../../wire/messages.ts'
import { terminalWord, type Word } from '../task-status.ts'
import type { Executor, ExecutorEnd } from './executor.ts'
import { mesosDuration } from './mesos-duration.ts'

const failed = (reason: v1.TaskStatus_Reason, message: string): ExecutorEnd => ({ state: 'TASK_FAILED', reason, message })

/** Why executors are ended, as Mesos tells it. */
export const ends = {
  notRegistered: (ms: number) => failed('REASON_EXECUTOR_REGISTRATION_TIMEOUT', `Executor did not register within ${mesosDuration(ms)}`),
  shutDown: failed('REASON_EXECUTOR_TERMINATED', 'Executor terminated'),
  noTasks: failed('REASON_EXECUTOR_TERMINATED', 'Executor has no tasks to run'),
  disconnected: failed('REASON_EXECUTOR_TERMINATED', 'Executor lost its connection to the agent, and its framework has no checkpoints'),
  notBack: (framework: v1.FrameworkInfo, ms: number): ExecutorEnd => ({
    state: lostState(framework, 'TASK_GONE'), reason: 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT',
    message: `Executor did not reregister within ${mesosDuration(ms)}`,
  }),
  agentStops: (why: string) => failed('REASON_EXECUTOR_TERMINATED', `Executor terminated, for the agent is stopping: ${why}`),
} as const

/** Older frameworks know TASK_LOST alone. */
export function lostState ({ capabilities = [] }: v1.FrameworkInfo, state: 'TASK_DROPPED' | 'TASK_GONE'): v1.TaskState {
  return capabilities.some(({ type }) => type === 'PARTITION_AWARE') ? state : 'TASK_LOST'
}

/** On a task that comes to an executor which is about to end. */
export function tooLate ({ state, framework }: Executor): Word {
  const message = state === 'TERMINATED' ? 'Executor terminated' : 'Executor terminating'
  return { state: lostState(framework, 'TASK_DROPPED'), reason: 'REASON_EXECUTOR_TERMINATED', message }
}

/** The last word on the tasks of an executor that has ended. */
export function endWord ({ endedFor, container }: Executor, termination: Termination): Word {
  const hasFailed = !container.hasComeUp && termination.error !== undefined && endedFor === undefined
  if (termination.mayStillRun || hasFailed) return terminalWord(termination, undefined)
  const how = termination.exitCode === undefined ? undefined : `its container exited with status ${termination.exitCode}`
  if (termination.oomKilled && endedFor === undefined) {
    const message = `Executor terminated: the kernel killed a process of its container, which used all of its memory; ${how ?? ''}`
    return { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION_MEMORY', source: 'SOURCE_AGENT', message }
  }
  const { state, reason, message } = endedFor ?? ends.shutDown
  return { state, reason, source: 'SOURCE_AGENT', message: how === undefined ? message : `${message}; ${how}` }
}

/** As `wait` has it: the exit code in the second byte; -1 where nobody saw it. */
export function waitStatus ({ exitCode }: Termination): number {
  return exitCode === undefined ? -1 : exitCode << 8
}

/** What an executor is told of itself when it subscribes. */
export function introduction ({ info, framework, containerId }: Executor, agentInfo: v1.AgentInfo): api.Event_Subscribed {
  return { executor_info: info, framework_info: framework, agent_info: agentInfo, container_id: { value: containerId } }
}
