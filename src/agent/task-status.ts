import { createHash } from 'node:crypto'
import type { Termination } from '../containerizer/container.ts'
import { chain, type AgentError, type ErrorCode } from '../model/errors.ts'
import type { v1 } from '../wire/messages.ts'

/** What a status says beyond whose it is. */
export type Word = Pick<v1.TaskStatus, 'state' | 'message' | 'reason' | 'source' | 'labels' | 'data' | 'healthy' | 'check_status' | 'limitation'>

export interface StatusContext {
  readonly taskId: string
  readonly agentId: string
  readonly containerId: string
  /** The container's own address, else the host's. */
  readonly ip: string
  /** Of its network, where that has one. */
  readonly network?: string | undefined
  /** Which update of its task this is. */
  readonly sequence: number
}

const terminal: ReadonlySet<v1.TaskState> = new Set<v1.TaskState>([
  'TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED', 'TASK_GONE', 'TASK_GONE_BY_OPERATOR',
])

/** Nothing comes after it. */
export function isTerminal (state: v1.TaskState | undefined): boolean {
  return state !== undefined && terminal.has(state)
}

export const statusLabels = { exitCode: 'slipway.exit_code', errorCode: 'slipway.error_code', stage: 'slipway.stage' } as const

export function toStatus (word: Word, { taskId, agentId, containerId, ip, network, sequence }: StatusContext): v1.TaskStatus {
  return {
    source: 'SOURCE_EXECUTOR',
    ...word,
    task_id: { value: taskId },
    agent_id: { value: agentId },
    executor_id: { value: taskId },
    timestamp: Date.now() / 1000,
    uuid: updateUuid(`${containerId}/${word.state}/${sequence}`),
    container_status: {
      container_id: { value: containerId },
      network_infos: [{ ip_addresses: [{ protocol: ip.includes(':') ? 'IPv6' : 'IPv4', ip_address: ip }], ...(network !== undefined && { name: network }) }],
    },
  }
}

/** It ran, and how it ended nobody knows. */
const endIsUnknown: ReadonlySet<ErrorCode> = new Set(['EXIT_STATUS_LOST', 'HOST_REBOOTED'])

/** The last word on a task. A kill that was asked for makes it KILLED, however the container ended: as Mesos has it. */
export function terminalWord ({ exitCode, error, mayStillRun, isPastEngine }: Termination, killedFor: string | undefined): Word {
  if (mayStillRun) return failedWord(error, '. It may still run; its resources are withheld until the engine confirms that it is gone.')
  if (error !== undefined && endIsUnknown.has(error.code)) return lostWord(error, killedFor)
  if (killedFor !== undefined && exitCode === undefined && error === undefined) {
    if (isPastEngine) return { state: 'TASK_KILLED', message: 'Killed past the engine, which does not answer; its exit status is not known' }
    return { state: 'TASK_KILLED', message: 'Killed; nobody saw the exit status of its container, which the engine has removed' }
  }
  if (killedFor !== undefined && exitCode === undefined) {
    return { state: 'TASK_KILLED', reason: 'REASON_TASK_KILLED_DURING_LAUNCH', message: `Killed before it ran: ${chain(error)}` }
  }
  if (exitCode === undefined) return failedWord(error, '')
  return {
    state: killedFor !== undefined ? 'TASK_KILLED' : exitCode === 0 ? 'TASK_FINISHED' : 'TASK_FAILED',
    message: `Container exited with status ${exitCode}${signalOf(exitCode)}${killedFor === undefined || killedFor === 'killed' ? '' : `; ${killedFor}`}`,
    labels: labelsOf([[statusLabels.exitCode, `${exitCode}`]]),
  }
}

function lostWord (error: AgentError, killedFor: string | undefined): Word {
  return {
    state: killedFor === undefined ? 'TASK_FAILED' : 'TASK_KILLED',
    source: 'SOURCE_AGENT',
    message: `Failed to get exit status of container: ${chain(error)}`,
    labels: labelsOf([[statusLabels.errorCode, error.code]]),
  }
}

function failedWord (error: Termination['error'], more: string): Word {
  return {
    state: 'TASK_FAILED',
    source: 'SOURCE_AGENT',
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: `Failed to launch container: ${error === undefined ? 'nobody could tell how it ended' : chain(error)}${more}`,
    labels: labelsOf([[statusLabels.errorCode, error?.code], [statusLabels.stage, error?.detail['stage']?.toString()]]),
  }
}

/** A task that is refused before anything was begun. That the agent is shutting down is no fault of the task. */
export function refusedWord (error: AgentError): Word {
  const word = error.retry || error.code === 'CANCELLED'
    ? { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LAUNCH_FAILED' } as const
    : { state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID' } as const
  return { ...word, source: 'SOURCE_AGENT', message: chain(error), labels: labelsOf([[statusLabels.errorCode, error.code]]) }
}

function labelsOf (entries: Array<[string, string | undefined]>): v1.Labels {
  return { labels: entries.flatMap(([key, value]) => value === undefined ? [] : [{ key, value }]) }
}

const signals: Readonly<Record<number, string>> = { 130: 'SIGINT', 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' }

function signalOf (exitCode: number): string {
  return signals[exitCode] === undefined ? '' : ` (${signals[exitCode]})`
}

/** The same update always has the same uuid (RFC 9562, version 8), so a repeat is known for one. */
export function updateUuid (name: string): Uint8Array {
  const uuid = createHash('sha256').update(name).digest().subarray(0, 16)
  uuid.writeUInt8((uuid.readUInt8(6) & 0x0f) | 0x80, 6)
  uuid.writeUInt8((uuid.readUInt8(8) & 0x3f) | 0x80, 8)
  return uuid
}
