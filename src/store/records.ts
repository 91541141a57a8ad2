import type { Instant } from '../base/boot-clock.ts'
import type { ContainerLimits, ContainerSpec } from '../model/container-spec.ts'
import type { WireError } from '../model/errors.ts'
import type { OlderFile } from '../model/log-record.ts'

/** How far a container was when it was last written down. Whoever stops a container writes it first, so `running` is one that nobody wanted to end. */
export const phases = ['launching', 'running', 'stopping', 'ended'] as const
export type Phase = typeof phases[number]

/** A log file, and which one it was when it was made. */
interface MadeFile { readonly path: string, readonly device: number, readonly inode: number, readonly start: number, readonly older: readonly OlderFile[] }

export interface ContainerRecord {
  readonly phase: Phase
  /** What it was made from, less what nobody needs once it is made: its environment and its URIs hold secrets. */
  readonly spec: ContainerSpec
  readonly limits: ContainerLimits
  /** An update to these was begun and its end is not written down: nobody knows which of both are in force. */
  readonly updating?: ContainerLimits | undefined
  readonly acceptedAtMs: number
  readonly engineId?: string | undefined
  readonly logFiles?: { readonly stdout: MadeFile, readonly stderr: MadeFile } | undefined
  /** The stages of its launch as they went, for people. */
  readonly stages: readonly unknown[]
  readonly graceMs: number
  /** When its grace began. */
  readonly stoppedAt?: Instant | undefined
  readonly termination?: {
    readonly exitCode?: number | undefined
    readonly oomKilled: boolean
    readonly mayStillRun: boolean
    readonly error?: WireError | undefined
  } | undefined
}

/** Messages are kept as text in the JSON of the Mesos API. */
type MessageText = string

export interface TaskRecord {
  readonly frameworkId: string
  readonly taskId: string
  readonly info: MessageText
  readonly killedFor?: string | undefined
  readonly hasOverrun: boolean
  readonly isUnhealthy: boolean
  /** Updates made so far. */
  readonly sequence: number
  readonly statuses: readonly MessageText[]
  readonly checkStatus?: MessageText | undefined
  readonly ip?: string | undefined
  readonly runningSince?: Instant | undefined
  readonly health?: { readonly wasHealthyOnce: boolean, readonly failures: number } | undefined
  /** Of a task in the hands of an executor. */
  readonly held?: HeldRecord | undefined
  /** What it holds once the update of its container that is under way has succeeded. */
  readonly wanted?: readonly MessageText[] | undefined
}

export interface HeldRecord {
  readonly isDelivered: boolean
  /** A kill was asked for; the policy that it named, if it named one. */
  readonly kill?: { readonly policy?: MessageText | undefined } | undefined
  /** The updates of it that were taken in last, by uuid. */
  readonly heard: readonly string[]
}

export interface UpdateRecord {
  readonly frameworkId: string
  /** Of all updates of this agent; they are told again in this order. */
  readonly number: number
  readonly status: MessageText
  /** The task whose end it tells, in a cluster: its master is told of it until the end is acknowledged. */
  readonly task?: MessageText | undefined
}

export interface FrameworkRecord {
  readonly info: MessageText
  /** When it was last heard to go; undefined: it was there. */
  readonly goneSince?: Instant | undefined
}

/** An executor of a framework's own; its tasks' containers have no record of their own. */
export interface ExecutorRecord {
  readonly frameworkId: string
  readonly info: MessageText
  /** Of the token that proves a call to be its own: the token itself is written nowhere. */
  readonly tokenDigest: string
  readonly hasRegistered: boolean
  /** Where one of the older driver listens. */
  readonly pid?: string | undefined
  /** The host's address on its network, where it finds the agent. */
  readonly gateway?: string | undefined
  /** Why it is to end, as its tasks are told. */
  readonly endedFor?: { readonly state: string, readonly reason: string, readonly message: string } | undefined
}

/** Who wrote the checkpoint; key `self`. */
export interface AgentRecord {
  readonly agentId: string
  /** Absent in records of before there were masters elsewhere. */
  readonly instanceId?: string | undefined
  readonly bootId: string
  /** As it was last told to a Mesos master. */
  readonly registeredAs?: MessageText | undefined
}

/** What a master has made of the resources of this host; key `self`. */
export interface CapacityRecord {
  /** Those that are reserved at run time, and persistent volumes. */
  readonly resources: readonly MessageText[]
}

/** A master wants this host empty; key `self`. */
export interface DrainRecord { readonly config: MessageText, readonly begunAtMs: number }

/** Keys: the container's id for container and executor, `<container's id>/<task id>` for task, the uuid for update, its own id for framework. */
export interface Records {
  container: ContainerRecord
  task: TaskRecord
  update: UpdateRecord
  executor: ExecutorRecord
  framework: FrameworkRecord
  agent: AgentRecord
  capacity: CapacityRecord
  drain: DrainRecord
}

export type Family = keyof Records
