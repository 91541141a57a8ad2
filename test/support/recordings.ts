import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join('test', 'golden', 'docker')

export interface RecordedContainer {
  readonly Config: Record<string, unknown>
  readonly HostConfig: Record<string, unknown>
  readonly Mounts: ReadonlyArray<Record<string, unknown>>
  readonly State: Record<string, unknown>
}

/** What a task was, what Docker said of its container, and what its framework was told. */
export interface Recording {
  readonly task_info: Record<string, unknown> & { task_id: { value: string } }
  readonly inspect_running: RecordedContainer | null
  readonly inspect_after: RecordedContainer | null
  readonly statuses: ReadonlyArray<{ state: string, reason?: string, source: string, message?: string }>
  readonly sandbox: { readonly stdout: string }
}

export function recordingNames (): string[] {
  return readdirSync(folder).filter(name => name.endsWith('.json')).map(name => name.replace(/\.json$/, '')).sort()
}

/** What was of the recording machine's, and what it is here. */
export type Here = ReadonlyArray<readonly [there: string | RegExp, here: string]>

export function readRecording (name: string, here: Here): Recording {
  let text = readFileSync(join(folder, `${name}.json`), 'utf8')
  for (const [there, replacement] of here) text = text.replaceAll(there, replacement)
  return JSON.parse(text) as Recording
}
