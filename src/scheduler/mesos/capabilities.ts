import type { v1 } from '../../wire/messages.ts'

/** The version of Apache Mesos whose agent this one is to a master; masters do not talk to agents before 1.0. */
export const mesosVersion = '1.11.0'

/** What holds true here. A master converts what is sent to agents that do not know refined reservations, and sends no offer operations to those
 * without resource providers. */
export const capabilities: readonly v1.AgentInfo_Capability_Type[] = [
  'MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT', 'AGENT_DRAINING', 'TASK_RESOURCE_LIMITS',
]

export function hasCapability (info: v1.FrameworkInfo | undefined, type: v1.FrameworkInfo_Capability_Type): boolean {
  return (info?.capabilities ?? []).some(capability => capability.type === type)
}

/** A task that never ran, or is not there: older frameworks know TASK_LOST alone. */
export function lostState (framework: v1.FrameworkInfo | undefined, state: 'TASK_DROPPED' | 'TASK_GONE'): v1.TaskState {
  return hasCapability(framework, 'PARTITION_AWARE') ? state : 'TASK_LOST'
}
