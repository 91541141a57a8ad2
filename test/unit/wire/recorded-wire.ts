import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MessageTypes } from '../../../src/wire/messages.ts'

/** A libprocess request as it was sent. */
export interface WireLine {
  seq: number
  direction: string
  connection: number
  request_line: string
  request_path: string
  headers: Array<[name: string, value: string]>
  chunk_sizes: number[] | null
  body_base64: string | null
  message: string
  decoded: Record<string, unknown>
}

/** Of master and agent (`wire`), or of agent and executor (`wire-executor-v0`). */
export type Wire = 'wire' | 'wire-executor-v0'

/** Tests run in the project's folder. */
export function * recordedWire (wire: Wire): Generator<[name: string, line: WireLine]> {
  const folder = join('test', 'golden', wire)
  for (const file of readdirSync(folder).sort()) {
    for (const line of recordedScenario(wire, file)) yield [`${wire}/${file}:${String(line.seq)}`, line]
  }
}

export function recordedScenario (wire: Wire, file: string): WireLine[] {
  return readFileSync(join('test', 'golden', wire, file), 'utf8').trim().split('\n').map(text => JSON.parse(text) as WireLine)
}

export function bodyBytes (line: WireLine): Buffer {
  return Buffer.from(line.body_base64 ?? '', 'base64')
}

/** 'mesos.internal.RunTaskMessage' as the codecs name it. */
export function typeOf (line: WireLine): keyof MessageTypes & `internal.${string}` {
  return line.message.replace(/^mesos\./, '') as keyof MessageTypes & `internal.${string}`
}
