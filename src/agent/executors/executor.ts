import { createHash, randomBytes } from 'node:crypto'
import { deferred, type Deferred } from '../../base/deferred.ts'
import type { Container } from '../../containerizer/container.ts'
import type { v1 } from '../../wire/messages.ts'
import type { Task } from '../task.ts'
import type { ExecutorLink } from './executor-port.ts'

export const executorStates = ['REGISTERING', 'RUNNING', 'TERMINATING', 'TERMINATED'] as const
export type ExecutorState = typeof executorStates[number]

/** Why an executor is to end, as its tasks are told. */
export interface ExecutorEnd { readonly state: v1.TaskState, readonly reason: v1.TaskStatus_Reason, readonly message: string }

/** A task in its executor's hands, until it is over. */
export interface HeldTask {
  readonly task: Task
  isDelivered: boolean
  /** It is about to be delivered, and written down as if it had been: it is never delivered twice. */
  isLeaving: boolean
  /** A kill was asked for; the policy that it named, if it named one. */
  kill: { readonly policy: v1.KillPolicy | undefined } | undefined
  /** The updates of it that were taken in last, by uuid: a repeat is known for one. */
  readonly heard: Set<string>
}

/** An executor and its container: it runs tasks, and tells of them over its link. */
export interface Executor {
  readonly frameworkId: string
  readonly executorId: string
  readonly framework: v1.FrameworkInfo
  readonly info: v1.ExecutorInfo
  readonly containerId: string
  readonly container: Container
  /** Of the token that proves a call to be this executor's, which stands in the environment of its container and nowhere else. */
  readonly tokenDigest: string
  /** Rejects when it is not waited for any more. */
  readonly registered: Deferred<void>
  /** The tasks that are not over. */
  readonly tasks: Map<string, HeldTask>
  state: ExecutorState
  /** The way to it, while it is subscribed. */
  link: ExecutorLink | undefined
  /** Where one of the older driver listens, once it has registered. */
  pid: string | undefined
  /** The host's address on its network, once it is to be created there. */
  gateway: string | undefined
  /** The first reason stays. */
  endedFor: ExecutorEnd | undefined
  /** Ends it when it does not come back, or does not go, in time. */
  timer: NodeJS.Timeout | undefined
  /** The framework is gone: nobody is told anything. */
  isSilent: boolean
  /** Tasks are being delivered, and whether there has been a change since that began. */
  isDelivering: boolean
  hasChanged: boolean
}

export type ExecutorIdentity = Pick<Executor, 'frameworkId' | 'executorId' | 'framework' | 'info' | 'containerId' | 'container' | 'tokenDigest'>

export function newExecutor (identity: ExecutorIdentity): Executor {
  const registered = deferred()
  registered.promise.catch(() => {})
  return {
    ...identity, state: 'REGISTERING', registered, tasks: new Map(), link: undefined, pid: undefined, gateway: undefined, endedFor: undefined, timer: undefined,
    isSilent: false, isDelivering: false, hasChanged: false,
  }
}

export function newExecutorToken (): string {
  return randomBytes(32).toString('base64url')
}

/** Executors are found by it: the time that a look-up takes tells nothing of the token. */
export function tokenDigest (token: string): string {
  return createHash('sha256').update(token).digest('base64')
}

/** It takes no tasks any more. */
export function isEnding ({ state }: Executor): boolean {
  return state === 'TERMINATING' || state === 'TERMINATED'
}

export function idsOf ({ frameworkId, executorId, containerId }: Executor): { frameworkId: string, executorId: string, containerId: string } {
  return { frameworkId, executorId, containerId }
}
