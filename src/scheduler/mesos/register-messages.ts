import type { Inventory } from '../../agent/inventory.ts'
import type { Message } from '../../door/libprocess/frame.ts'
import type { internal, v1 } from '../../wire/messages.ts'
import { capabilities, mesosVersion } from './capabilities.ts'
import { message } from './messages.ts'
import { olderForms } from './older-resources.ts'

/** How an agent stands before its master. */
export interface Standing {
  readonly agentInfo: v1.AgentInfo
  /** The port at which it says to be: that of its UPID. */
  readonly port: number
  readonly resourceVersion: Uint8Array
  /** What masters have made of its resources. */
  readonly made: readonly v1.Resource[]
}

/** What a master has to know of besides, once it has given an id. */
export interface Possessions extends Inventory {
  readonly frameworks: readonly v1.FrameworkInfo[]
  /** The update of a task that went out last, by the task's key. */
  readonly told: ReadonlyMap<string, Pick<v1.TaskStatus, 'state' | 'uuid'>>
}

const own = {
  version: mesosVersion,
  agent_capabilities: capabilities.map(type => ({ type })),
}

export function register ({ agentInfo, port, resourceVersion, made }: Standing): Message {
  const { id: _none, ...info } = agentInfo
  return message('internal.RegisterSlaveMessage', {
    slave: slaveInfo(info, port), checkpointed_resources: olderForms(made), ...own, resource_version_uuid: { value: resourceVersion },
  })
}

export function reregister ({ agentInfo, port, resourceVersion, made }: Standing, { tasks, executors, frameworks, told }: Possessions): Message {
  return message('internal.ReregisterSlaveMessage', {
    slave: slaveInfo(agentInfo, port),
    checkpointed_resources: olderForms(made),
    tasks: tasks.map(task => taskOf(task, told.get(taskKey(task.framework_id.value, task.task_id.value)))),
    executor_infos: executors.map(info => ({ ...info, resources: olderForms(info.resources) })),
    frameworks: [...frameworks],
    ...own,
    resource_version_uuid: { value: resourceVersion },
  })
}

/** Follows each registration: of what can be more than at the last one, nothing is. */
export function updateSlave (agentId: string, resourceVersion: Uint8Array): Message {
  return message('internal.UpdateSlaveMessage', {
    slave_id: { value: agentId }, update_oversubscribed_resources: false, operations: {}, resource_version_uuid: { value: resourceVersion },
    resource_providers: {},
  })
}

/** A task id is unique in its framework alone; ids hold no control characters. */
export function taskKey (frameworkId: string, taskId: string): string {
  return `${frameworkId}\n${taskId}`
}

/** Masters ask for an agent that keeps its state before they have it keep reservations. */
function slaveInfo (agentInfo: v1.AgentInfo, port: number): internal.SlaveInfo {
  return { ...agentInfo, resources: olderForms(agentInfo.resources), port, checkpoint: true }
}

function taskOf (task: v1.Task, told: Pick<v1.TaskStatus, 'state' | 'uuid'> | undefined): v1.Task {
  return {
    ...task, resources: olderForms(task.resources),
    ...(told !== undefined && { status_update_state: told.state, status_update_uuid: told.uuid }),
  }
}
