import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Line { readonly kind: string, readonly json?: { readonly type?: string } }

/** The first recorded message of a type; benches run in the project's folder. */
export function recorded (kind: 'request' | 'event', type: string): object {
  const lines = readFileSync(join('test', 'golden', 'scheduler', 'd_bridge_full_kill.jsonl'), 'utf8').trim().split('\n')
  const found = lines.map(line => JSON.parse(line) as Line).find(line => line.kind === kind && line.json?.type === type)
  if (found?.json === undefined) throw new Error(`no ${type} was recorded`)
  return found.json
}
