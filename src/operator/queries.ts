import type { ResourceChange } from '../agent/changed-resources.ts'
import type { Task } from '../agent/task.ts'
import { AgentError } from '../model/errors.ts'
import { states } from '../model/lifecycle.ts'
import type { v1 } from '../wire/messages.ts'

type Query = Readonly<Record<string, string | undefined>>

export interface LogQuery {
  readonly stream: 'stdout' | 'stderr'
  /** Where to begin: bytes from the file's beginning, or lines from its end. */
  readonly from: { readonly offset: number } | { readonly tail: number }
  /** Bytes at most. */
  readonly length: number
  readonly follow: boolean
}

const maxTailLines = 100_000

/** Reads the query of `/slipway/v1/logs/…`. Throws SPEC_INVALID, naming the parameter. */
export function parseLogQuery (query: unknown): LogQuery {
  const { stream = 'stdout', offset, tail, length, follow = 'false' } = parseQuery(query)
  if (stream !== 'stdout' && stream !== 'stderr') throw invalid('stream', 'must be stdout or stderr')
  if (offset !== undefined && tail !== undefined) throw invalid('tail', 'and offset exclude each other')
  if (follow !== 'true' && follow !== 'false') throw invalid('follow', 'must be true or false')
  const lines = tail === undefined ? undefined : parseCount('tail', tail, 'lines')
  if (lines !== undefined && lines > maxTailLines) throw invalid('tail', `must be ${maxTailLines} lines at most`)
  return {
    stream,
    from: lines === undefined ? { offset: offset === undefined ? 0 : parseCount('offset', offset, 'bytes') } : { tail: lines },
    length: length === undefined ? Infinity : parseCount('length', length, 'bytes'),
    follow: follow === 'true',
  }
}

/** Reads `task`, `framework` and `state` of `/slipway/v1/containers`; a state is a container's or a task's. Throws SPEC_INVALID on an unknown one. */
export function parseContainerFilter (query: unknown): (task: Task) => boolean {
  const { task: taskId, framework: frameworkId, state } = parseQuery(query)
  const isKnown = state === undefined || states.some(one => one === state) || /^TASK_[A-Z_]+$/.test(state)
  if (!isKnown) throw invalid('state', `must be a state of a task, as TASK_RUNNING, or one of a container: ${states.join(', ')}`)
  return task => (taskId ?? task.taskId) === task.taskId
    && (frameworkId ?? task.frameworkId) === task.frameworkId
    && (state === undefined || state === task.container.state || state === (task.lastStatus?.state ?? 'TASK_STAGING'))
}

/** Every parameter once: of two, neither is surely the one that is meant. */
function parseQuery (query: unknown): Query {
  for (const [name, value] of Object.entries(query as object)) if (typeof value !== 'string') throw invalid(name, 'must be given once')
  return query as Query
}

/** `framework=…` beside the id of a task. */
export function parseFramework (query: unknown): string | undefined {
  const { framework } = query as Readonly<Record<string, unknown>>
  if (framework !== undefined && typeof framework !== 'string') throw invalid('framework', 'must be one id')
  return framework
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

export interface UpdateQuery { readonly taskId: string, readonly frameworkId: string | undefined, readonly change: ResourceChange }

/** What the engine takes, and what a task is launched with, at least. */
const leastMemMb = 32
const leastCpus = 0.001
/** Far beyond any host; what is more is a slip of the unit. */
const most = 1e9

/** Reads the body of `/slipway/v1/update`. Throws SPEC_INVALID, naming the field. */
export function parseUpdate (body: Buffer): UpdateQuery {
  const { task_id: taskId, framework_id: frameworkId, cpus, mem } = parseObject(body)
  if (typeof taskId !== 'string' || taskId === '') throw invalid('task_id', 'must be the id of a task')
  if (frameworkId !== undefined && typeof frameworkId !== 'string') throw invalid('framework_id', 'must be a text')
  if (cpus === undefined && mem === undefined) throw invalid('cpus', 'and mem are both missing: there is nothing to change')
  return { taskId, frameworkId, change: { cpus: parseAmount('cpus', cpus, leastCpus), mem: parseAmount('mem', mem, leastMemMb) } }
}

function parseAmount (field: string, value: unknown, least: number): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !(value >= least && value <= most)) throw invalid(field, `must be a number, ${least} or more`)
  return value
}

function parseCount (field: string, text: string, unit: string): number {
  if (!/^\d{1,15}$/.test(text)) throw invalid(field, `must be a number of ${unit}`)
  return Number(text)
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
