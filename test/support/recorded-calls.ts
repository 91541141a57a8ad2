import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A request to be sent as it is. */
export interface RawRequest {
  method: string
  path: string
  headers: [name: string, value: string][]
  body: Buffer
}

/** What stands in a recording and must be the master's of today for a request to come anywhere. */
export interface Today { frameworkId: string, agentId: string, streamId: string, offerId: string, token: string }

interface Line { kind: string, method: string, path: string, headers: [string, string][], json?: unknown, body?: string | null }

/** Every request of the recordings of the scheduler API. Tests run in the project's folder. */
export function recordedCalls (): Line[] {
  const folder = join('test', 'golden', 'scheduler')
  const lines = readdirSync(folder).flatMap(file => readFileSync(join(folder, file), 'utf8').trim().split('\n'))
  return lines.map(line => JSON.parse(line) as Line).filter(({ kind }) => kind === 'request')
}

export function asOfToday (line: Line, today: Today): { request: RawRequest, json: unknown } {
  const json: unknown = line.json === undefined ? undefined : JSON.parse(translate(JSON.stringify(line.json), today))
  const headers = line.headers.filter(([name]) => !['Host', 'Content-Length', 'Connection'].includes(name))
    .map(([name, value]): [string, string] => [name, name === 'Mesos-Stream-Id' ? today.streamId : value])
  const body = json === undefined ? Buffer.from(line.body ?? '', 'latin1') : Buffer.from(JSON.stringify(json))
  return { json, request: { method: line.method, path: line.path, headers: [...headers, ['Authorization', `Bearer ${today.token}`]], body } }
}

const id = '[0-9a-f]{8}-[0-9a-f-]{27}'

function translate (text: string, { frameworkId, agentId, offerId }: Today): string {
  return text.replace(new RegExp(`"${id}-\\d{4}"`, 'g'), `"${frameworkId}"`)
    .replace(new RegExp(`"${id}-S\\d+"`, 'g'), `"${agentId}"`)
    .replace(new RegExp(`"${id}-O\\d+"`, 'g'), `"${offerId}"`)
    // Or hundreds of frameworks that are gone wait to be removed.
    .replace('"failover_timeout":3600', '"failover_timeout":0')
    .replaceAll('"refuse_seconds":3600', '"refuse_seconds":0')
    .replace(/"image":"[^"]*"/g, '"image":"busybox:latest"')
}
