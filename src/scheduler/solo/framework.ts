import type { Filter } from './allocation.ts'
import type { LongTimer } from './long-timer.ts'
import type { scheduler, v1 } from '../../wire/messages.ts'

/** A subscriber's open response. */
export interface EventSink {
  /** The Mesos-Stream-Id that its calls must bear. */
  readonly streamId: string
  /** Its stream has ended. */
  readonly isClosed?: boolean
  send (event: scheduler.Event): void
  close (): void
}

/** A task that was handed to the agent; kept until it is both released and, if it told its end, acknowledged. */
export interface LaunchedTask {
  readonly id: string
  latest: v1.TaskStatus
  /** The uuid, in base64, of the update that told its end. */
  terminalUuid: string | undefined
  acknowledged: boolean
  released: boolean
}

export interface Framework {
  readonly id: string
  info: v1.FrameworkInfo
  sink: EventSink | undefined
  readonly tasks: Map<string, LaunchedTask>
  /** Those that hold resources here, by their id. */
  readonly executors: Map<string, v1.ExecutorInfo>
  readonly suppressed: Set<string>
  filters: Filter[]
  /** The turn in which it was last offered something; 0 is never. */
  lastTurn: number
  failover: LongTimer | undefined
  /** A call of its own that takes more than one turn of the event loop, and those that wait behind it. */
  acting?: Promise<void> | undefined
}

export function newFramework (id: string, info: v1.FrameworkInfo): Framework {
  return { id, info, sink: undefined, tasks: new Map(), executors: new Map(), suppressed: new Set(), filters: [], lastTurn: 0, failover: undefined }
}

export function hasCapability (info: v1.FrameworkInfo, type: v1.FrameworkInfo_Capability_Type): boolean {
  return info.capabilities?.some(capability => capability.type === type) ?? false
}

export function rolesOf (info: v1.FrameworkInfo): readonly string[] {
  return hasCapability(info, 'MULTI_ROLE') ? info.roles ?? [] : [info.role ?? '*']
}

/** A task id is unique in its framework alone; ids hold no control characters. */
export function taskKey (frameworkId: string, taskId: string): string {
  return `${frameworkId}\n${taskId}`
}
