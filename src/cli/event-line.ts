import { describeDuration } from './durations.ts'
import { printable, type Style, type Terminal } from './terminal.ts'

/** An event as GET /slipway/v1/events tells it. Of a kind that is new to us, all that it holds is shown. */
export interface EventReport {
  readonly type?: string
  readonly time?: string
  readonly task_id?: string
  readonly container_id?: string
  readonly [key: string]: unknown
}

/** One event on a line: time, kind, whose, what. */
export function eventLine (event: EventReport, terminal: Terminal): string {
  const { type: kind = '?', time, task_id: task, container_id: container } = event
  const [what, style] = (descriptions[kind] ?? describeUnknown)(event)
  const at = terminal.paint(clock(time), 'dim')
  return `${at}  ${kind.padEnd(9)}  ${printable(task ?? container ?? '-')}  ${terminal.paint(printable(what), style)}\n`
}

type Described = readonly [text: string, style?: Style | undefined]

const bad: ReadonlySet<string> = new Set(['failed', 'timeout', 'down', 'hung', 'failing', 'TASK_FAILED', 'TASK_ERROR', 'TASK_LOST'])
const good: ReadonlySet<string> = new Set(['running', 'up', 'TASK_RUNNING', 'TASK_FINISHED'])

const descriptions: Readonly<Record<string, (event: EventReport) => Described>> = {
  container: ({ from, to }) => [from === undefined || from === null ? said(to) : `${said(from)} -> ${said(to)}`, styleOf(said(to))],
  stage: ({ stage, outcome, queue_ms: queueMs, duration_ms: durationMs }) => {
    const times = [ended(outcome) ? took('took', durationMs) : '', outcome === 'queued' ? '' : took('queued', queueMs)].filter(part => part !== '')
    return [[`${said(stage)} ${said(outcome)}`, ...times].join(', '), bad.has(said(outcome)) ? 'red' : undefined]
  },
  task: ({ state, reason, message }) => {
    const why = typeof reason === 'string' ? ` (${reason})` : ''
    return [`${said(state)}${why}${typeof message === 'string' && message !== '' ? `: ${message}` : ''}`, styleOf(said(state))]
  },
  engine: ({ state }) => [`the engine is ${said(state)}`, styleOf(said(state))],
}

function describeUnknown (event: EventReport): Described {
  const { type: _type, time: _time, task_id: _task, container_id: _container, framework_id: _framework, ...rest } = event
  return [Object.entries(rest).map(([key, value]) => `${key}=${said(value)}`).join(' ')]
}

function styleOf (word: string): Style | undefined {
  return bad.has(word) ? 'red' : good.has(word) ? 'green' : undefined
}

function ended (outcome: unknown): boolean {
  return outcome !== 'queued' && outcome !== 'running'
}

function took (word: string, ms: unknown): string {
  return typeof ms === 'number' && ms > 0 ? `${word} ${describeDuration(ms)}` : ''
}

function said (value: unknown): string {
  if (value === undefined) return '-'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The time of day here, to the millisecond. */
function clock (time: string | undefined): string {
  const date = new Date(time ?? NaN)
  if (Number.isNaN(date.getTime())) return '-'
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map(part => String(part).padStart(2, '0'))
  return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
