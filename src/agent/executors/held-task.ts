import type { v1 } from '../../wire/messages.ts'
import type { AgentIdentity } from '../agent-identity.ts'
import { toStatus, updateUuid, type Word } from '../task-status.ts'
import type { Executor, HeldTask } from './executor.ts'

/** So many updates of a task are remembered to know a repeat by. An executor repeats what it has not seen acknowledged, and that is less. */
const rememberedUpdates = 256

export function holdTask (executor: Executor, info: v1.TaskInfo): HeldTask {
  const { frameworkId, framework, containerId, container } = executor
  const whole = { ...info, executor: executor.info }
  return {
    isDelivered: false, isLeaving: false, kill: undefined, heard: new Set(),
    task: {
      frameworkId, taskId: info.task_id.value, framework, info: whole, containerId, container, executor,
      tellsKilling: false, killedFor: undefined, hasOverrun: false, isUnhealthy: false, checkStatus: undefined, isSilent: false, sequence: 0,
      runningSince: undefined, health: undefined, ip: undefined, statuses: [], lastStatus: undefined,
    },
  }
}

/** False when this update was taken in before. */
export function takeIn ({ heard }: HeldTask, uuid: Uint8Array): boolean {
  const key = Buffer.from(uuid).toString('base64')
  if (heard.has(key)) return false
  heard.add(key)
  const [oldest] = heard
  if (heard.size > rememberedUpdates && oldest !== undefined) heard.delete(oldest)
  return true
}

export type { AgentIdentity }

/** An executor's word on a task, with what only the agent knows of it. */
export function executorStatus ({ executorId, containerId, container }: Executor, status: v1.TaskStatus, { agentId, ip }: AgentIdentity): v1.TaskStatus {
  const { container_status: told } = status
  const address = container.inspected?.ipAddress ?? ip
  const known = { ip_addresses: [{ protocol: address.includes(':') ? 'IPv6' : 'IPv4', ip_address: address }] } satisfies v1.NetworkInfo
  const { userNetwork } = container.spec
  return {
    ...status,
    timestamp: status.timestamp ?? Date.now() / 1000,
    agent_id: { value: agentId },
    executor_id: { value: executorId },
    container_status: {
      ...told,
      container_id: { value: containerId },       // it has one container, and cannot speak for another's
      network_infos: told?.network_infos ?? [{ ...known, ...(userNetwork !== undefined && { name: userNetwork }) }],
    },
  }
}

/** The agent's own word on a task of an executor. The same word always has the same uuid, so a repeat is known for one. */
export function agentStatus (executor: Executor, taskId: string, word: Word, { agentId, ip }: AgentIdentity): v1.TaskStatus {
  const { containerId, executorId, container } = executor
  const address = container.inspected?.ipAddress ?? ip
  const status = toStatus({ source: 'SOURCE_AGENT', ...word }, { taskId, agentId, containerId, ip: address, sequence: 1 })
  return { ...status, executor_id: { value: executorId }, uuid: updateUuid(`${containerId}/${taskId}/${word.state}`) }
}
