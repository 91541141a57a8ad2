import { exitCodes } from './cli/exit-codes.ts'
import { loadConfig } from './cli/load-config.ts'
import type { DebugOptions } from './cli/program.ts'
import { printable } from './cli/terminal.ts'
import { AgentError } from './model/errors.ts'
import { openLmdb } from './store/lmdb-file.ts'
import { loadRecords } from './store/load.ts'
import { checkpointFolder, hasCheckpoint } from './store/open-checkpoint.ts'
import { verifyDatabase } from './store/verify.ts'

type Print = (text: string) => void
type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** `slipway debug checkpoint`: what an agent wrote down, also while it runs. What may be secret is left out. Answers the exit code. */
export async function debugCheckpoint ({ workDir, json = false }: DebugOptions, print: Print): Promise<number> {
  const config = loadConfig(workDir === undefined ? {} : { workDir })
  const folder = checkpointFolder(config.workDir)
  if (!await hasCheckpoint(config.workDir)) throw new AgentError('NOT_FOUND', `there is no checkpoint in ${config.workDir}`)
  await verifyDatabase(folder)
  const unreadable: Array<{ key: string, error: string }> = []
  const file = openLmdb(folder, { readOnly: true })
  const snapshot = loadRecords(file.entries(), (key, { message, code }) => { unreadable.push({ key, error: `${code}: ${message}` }) })
  await file.close()
  const families = Object.fromEntries(Object.entries(snapshot).map(([family, records]) => {
    return [family, Object.fromEntries([...records].map(([key, record]) => [key, shown(record as unknown as Json)]))]
  }))
  if (json) print(`${JSON.stringify({ ...families, unreadable })}\n`)
  else printRecords(families, unreadable, print)
  return unreadable.length === 0 ? exitCodes.ok.code : exitCodes.failed.code
}

function printRecords (families: Record<string, Record<string, Json>>, unreadable: ReadonlyArray<{ key: string, error: string }>, print: Print): void {
  for (const [family, records] of Object.entries(families)) {
    for (const [key, record] of Object.entries(records)) print(`${family} ${printable(key)}\n${indented(record)}`)
  }
  for (const { key, error } of unreadable) print(`NOT READABLE ${printable(key)}: ${printable(error)}\n`)
}

function indented (record: Json): string {
  const lines = JSON.stringify(record, null, 2).split('\n').slice(1, -1)
  return lines.map(line => `${printable(line)}\n`).join('')
}

/** Messages, which are kept as text, are shown as what they are; bytes and the values of variables are not shown. */
function shown (value: Json, name = ''): Json {
  if (typeof value === 'string') return shownText(value, name)
  if (Array.isArray(value)) return value.map(item => shown(item, name))
  if (value === null || typeof value !== 'object') return value
  const isVariable = name === 'variables' || (name === 'parameters' && ['env', 'e', 'label'].some(one => one === value['key']))
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => {
    return [field, isVariable && (field === 'value' || field === 'secret') ? '(hidden)' : shown(inner, field)]
  }))
}

function shownText (text: string, name: string): Json {
  if (name === 'data') return `(${Buffer.byteLength(text, 'base64')} bytes)`
  return ['info', 'status', 'statuses', 'checkStatus', 'task', 'registeredAs'].includes(name) && text.startsWith('{') ? shown(JSON.parse(text) as Json) : text
}
