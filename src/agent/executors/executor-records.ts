import type { Container } from '../../containerizer/container.ts'
import { drop, put, type Change } from '../../store/checkpoint.ts'
import type { ExecutorRecord, HeldRecord } from '../../store/records.ts'
import { parseJson, printJson } from '../../wire/json.ts'
import type { v1 } from '../../wire/messages.ts'
import type { Task } from '../task.ts'
import { newExecutor, type Executor, type ExecutorEnd, type HeldTask } from './executor.ts'

export type NewExecutor = Pick<Executor, 'frameworkId' | 'containerId' | 'info' | 'tokenDigest'>

/** What is written down of an executor before it has a container. */
export function newExecutorChange ({ frameworkId, containerId, info, tokenDigest }: NewExecutor): Change {
  return put('executor', containerId, { frameworkId, info: printJson('v1.ExecutorInfo', info), tokenDigest, hasRegistered: false })
}

export function executorChange (executor: Executor): Change {
  const { frameworkId, containerId, info, tokenDigest, state, pid, gateway, endedFor } = executor
  const hasRegistered = state !== 'REGISTERING'
  return put('executor', containerId, {
    frameworkId, info: printJson('v1.ExecutorInfo', info), tokenDigest, hasRegistered, pid, gateway, endedFor,
  })
}

export function executorGone ({ containerId }: Executor): Change {
  return drop('executor', containerId)
}

/** The executor of an earlier run, without its tasks. Without its framework nobody is told of it. */
export function executorFrom (record: ExecutorRecord, container: Container, framework: v1.FrameworkInfo | undefined): Executor {
  const { frameworkId, tokenDigest, hasRegistered, pid, gateway, endedFor } = record
  const info = parseJson('v1.ExecutorInfo', JSON.parse(record.info))
  const executor = newExecutor({
    frameworkId, executorId: info.executor_id.value, framework: framework ?? { id: { value: frameworkId }, name: '', user: '' },
    info, containerId: container.id, container, tokenDigest,
  })
  const state = endedFor !== undefined ? 'TERMINATING' : hasRegistered ? 'RUNNING' : 'REGISTERING'
  return Object.assign(executor, { state, pid, gateway, endedFor: endedFor as ExecutorEnd | undefined, isSilent: framework === undefined } as const)
}

/** What the executor that holds a task knows of it. */
export function heldRecord ({ taskId, executor }: Task): HeldRecord | undefined {
  const held = executor?.tasks.get(taskId)
  return held && {
    isDelivered: held.isDelivered || held.isLeaving, heard: [...held.heard],
    kill: held.kill && { policy: held.kill.policy && printJson('v1.KillPolicy', held.kill.policy) },
  }
}

export function heldFrom ({ isDelivered, kill, heard }: HeldRecord, task: Task): HeldTask {
  const policy = kill?.policy
  return {
    task, isDelivered, isLeaving: false, heard: new Set(heard),
    kill: kill && { policy: policy === undefined ? undefined : parseJson('v1.KillPolicy', JSON.parse(policy)) },
  }
}
