import { AgentError } from '../model/errors.ts'
import type { v1 } from '../wire/messages.ts'

export interface LogQuery { readonly stream: 'stdout' | 'stderr', readonly offset: number, readonly follow: boolean }

/** Reads the query of `/slipway/v1/logs/…`. Throws SPEC_INVALID, naming the parameter. */
export function parseLogQuery (query: unknown): LogQuery {
  const { stream = 'stdout', offset = '0', follow = 'false' } = query as Record<string, string | undefined>
  if (stream !== 'stdout' && stream !== 'stderr') throw invalid('stream', 'must be stdout or stderr')
  if (!/^\d{1,15}$/.test(offset)) throw invalid('offset', 'must be a number of bytes')
  if (follow !== 'true' && follow !== 'false') throw invalid('follow', 'must be true or false')
  return { stream, offset: Number(offset), follow: follow === 'true' }
}

export interface KillQuery { readonly taskId: string, readonly frameworkId: string | undefined, readonly policy: v1.KillPolicy | undefined }

/** Reads the body of `/slipway/v1/kill`. Throws SPEC_INVALID, naming the field. */
export function parseKill (body: Buffer): KillQuery {
  const { task_id: taskId, framework_id: frameworkId, grace_seconds: graceSeconds } = parseObject(body)
  if (typeof taskId !== 'string' || taskId === '') throw invalid('task_id', 'must be the id of a task')
  if (frameworkId !== undefined && typeof frameworkId !== 'string') throw invalid('framework_id', 'must be a text')
  if (graceSeconds === undefined) return { taskId, frameworkId, policy: undefined }
  if (typeof graceSeconds !== 'number' || !(graceSeconds >= 0)) throw invalid('grace_seconds', 'must be a number of seconds, 0 or more')
  return { taskId, frameworkId, policy: { grace_period: { nanoseconds: Math.round(graceSeconds * 1e9) } } }
}

function parseObject (body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch { /* told below */ }
  throw new AgentError('SPEC_INVALID', 'the body must be a JSON object')
}

function invalid (field: string, why: string): AgentError {
  return new AgentError('SPEC_INVALID', `${field} ${why}`, { field })
}
