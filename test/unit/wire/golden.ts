import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A line of a recording in test/golden. */
export interface Line {
  seq: number
  direction: string
  kind: 'request' | 'response' | 'event' | 'end_of_stream' | 'closed' | 'note'
  note?: string
  method?: string
  path?: string
  status?: number
  body?: string | null
  json?: unknown
  record_length?: number
  record_base64?: string
  body_base64?: string
  decoded?: unknown
}

export type Api = 'scheduler' | 'executor'

/** The recordings of an API, with a name for each line. Tests run in the project's folder. */
export function * goldenLines (api: Api): Generator<[name: string, line: Line]> {
  const folder = join('test', 'golden', api)
  for (const file of readdirSync(folder).filter(name => name.endsWith('.jsonl')).sort()) {
    for (const text of readFileSync(join(folder, file), 'utf8').split('\n').filter(text => text !== '')) {
      const line = JSON.parse(text) as Line
      yield [`${api}/${file}:${line.seq}`, line]
    }
  }
}
