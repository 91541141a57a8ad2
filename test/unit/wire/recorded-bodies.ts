import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MessageTypes } from '../../../src/wire/messages.ts'
import { goldenLines, type Line } from './golden.ts'

/** A body as it went over the wire. Neither json nor base64: a text that holds no message. */
export interface RecordedBody {
  readonly name: string
  readonly type: keyof MessageTypes
  /** By whom it was printed: Mesos's own text has a known order and length. */
  readonly by: 'mesos' | 'client'
  readonly json?: unknown
  readonly base64?: string | undefined
  readonly bytes?: number | undefined
}

interface Part { json?: unknown, body?: string | null, headers: [string, string][], status?: number }
interface Exchange { note?: string, request: Part & { path: string }, response: Part }
interface DockerCase { case: string, task_info: unknown, statuses?: { data?: string }[] }

const folder = join('test', 'golden')

export function * recordedBodies (): Generator<RecordedBody> {
  for (const api of ['scheduler', 'executor'] as const) {
    for (const [name, line] of goldenLines(api)) yield * bodiesOfLine(api, name, line)
  }
  for (const [name, exchange] of exchanges()) yield * bodiesOfExchange(name, exchange)
  for (const file of readdirSync(join(folder, 'docker'))) yield * bodiesOfCase(file, read(join(folder, 'docker', file)) as DockerCase)
}

function * bodiesOfLine (api: 'scheduler' | 'executor', name: string, line: Line): Generator<RecordedBody> {
  const isEvent = line.kind === 'event'
  const base64 = line.record_base64 ?? line.body_base64
  const hasBody = base64 !== undefined || line.json !== undefined || (line.body ?? '') !== ''
  if (!hasBody) return
  const type = isEvent ? `${api}.Event` as const : `${api}.Call` as const
  const message = line.kind === 'response' ? {} : base64 === undefined ? { json: line.json } : { base64, json: line.decoded }
  yield { name, type, by: isEvent ? 'mesos' : 'client', ...message, bytes: line.record_length }
}

function * exchanges (): Generator<[string, Exchange]> {
  for (const part of ['running', 'finished']) {
    for (const file of readdirSync(join(folder, 'agent-http', part)).filter(name => name.startsWith('v1_'))) {
      yield [`${part}/${file}`, read(join(folder, 'agent-http', part, file)) as Exchange]
    }
  }
  const lines = readFileSync(join(folder, 'agent-http', 'errors_and_paths.jsonl'), 'utf8').trim().split('\n')
  for (const exchange of lines.map(line => JSON.parse(line) as Exchange)) {
    if (/\/api\/v1$/.test(exchange.request.path)) yield [exchange.note ?? '', exchange]
  }
}

function * bodiesOfExchange (name: string, { request, response }: Exchange): Generator<RecordedBody> {
  if (request.json !== undefined || (request.body ?? '') !== '') yield { name: `call ${name}`, type: 'agent.Call', by: 'client', json: request.json }
  if (response.json === undefined && (response.body ?? '') === '') return
  const header = (wanted: string): string | undefined => response.headers.find(([header]) => header === wanted)?.[1]
  const base64 = header('Content-Type') === 'application/x-protobuf' ? Buffer.from(response.body ?? '', 'latin1').toString('base64') : undefined
  yield { name, type: 'agent.Response', by: 'mesos', json: response.json, base64, bytes: Number(header('Content-Length')) }
}

/** What a task was, and what became of it. */
function * bodiesOfCase (file: string, { task_info: task, statuses = [] }: DockerCase): Generator<RecordedBody> {
  yield { name: file, type: 'v1.TaskInfo', by: 'client', json: task }
  for (const status of statuses) {
    // "<left out>" and the like stands where kilobytes were.
    const { data, ...rest } = status
    yield { name: `${file}: status`, type: 'v1.TaskStatus', by: 'mesos', json: data?.startsWith('<') === true ? rest : status }
  }
}

function read (path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
