import { errorCodes } from '../model/errors.ts'
import type { v1 } from '../wire/messages.ts'
import { exitCodes } from './exit-codes.ts'
import { printable } from './terminal.ts'

const terminal: ReadonlySet<string> = new Set([
  'TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED', 'TASK_GONE', 'TASK_GONE_BY_OPERATOR',
])

export function isTerminal (status: v1.TaskStatus): boolean {
  return terminal.has(status.state)
}

/** The offer was gone before the task reached it: another offer may do. */
export function isOfferGone (status: v1.TaskStatus): boolean {
  return status.reason === 'REASON_INVALID_OFFERS' && (status.state === 'TASK_LOST' || status.state === 'TASK_DROPPED')
}

export interface Verdict {
  readonly exitCode: number
  /** For stderr; undefined where the task's own output and exit code say it all. */
  readonly told: string | undefined
}

/** What a terminal status means for the one who ran the task. */
export function verdictOf (status: v1.TaskStatus): Verdict {
  const exitCode = exitCodeOf(status)
  if (exitCode === undefined) return { exitCode: exitCodes.notLaunched.code, told: [summary(status), ...hint(status)].join('\n') }
  const isLimit = status.reason?.startsWith('REASON_CONTAINER_LIMITATION') ?? false
  const isPlain = status.state === 'TASK_FINISHED' || (status.state === 'TASK_FAILED' && !isLimit)
  return { exitCode, told: isPlain ? undefined : summary(status) }
}

function exitCodeOf (status: v1.TaskStatus): number | undefined {
  const label = Number(labelOf(status, 'slipway.exit_code') ?? NaN)
  if (Number.isInteger(label)) return label & 0xff
  // Agents of others only have words for it.
  const words = /exited with status (\d+)/.exec(status.message ?? '')?.[1]
  if (words !== undefined) return Number(words) & 0xff
  return status.state === 'TASK_FINISHED' ? exitCodes.ok.code : undefined
}

function summary ({ task_id, state, reason, message }: v1.TaskStatus): string {
  // The message can hold the words of a registry, of an image, of another framework.
  return printable(`task ${task_id.value}: ${state}${reason === undefined ? '' : ` (${reason})`}${message ? `: ${message}` : ''}`)
}

function hint (status: v1.TaskStatus): string[] {
  const code = labelOf(status, 'slipway.error_code')
  return code !== undefined && Object.hasOwn(errorCodes, code) ? [`  ${code}: ${errorCodes[code as keyof typeof errorCodes].help}`] : []
}

function labelOf ({ labels }: v1.TaskStatus, key: string): string | undefined {
  return labels?.labels?.find(label => label.key === key)?.value
}
