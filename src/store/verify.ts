import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { AgentError } from '../model/errors.ts'

const patienceMs = 30_000
const maxWords = 300

/** Has a child read the database first. Throws CHECKPOINT_DAMAGED with how the child ended; CHECKPOINT_FAILED when it did not in time. */
export async function verifyDatabase (folder: string): Promise<void> {
  const entry = fileURLToPath(new URL('./verify-entry.js', import.meta.url))
  const child = spawn(process.execPath, [entry, folder], { stdio: ['ignore', 'ignore', 'pipe'], timeout: patienceMs, killSignal: 'SIGKILL' })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => { words = `${words}${text}`.slice(0, 10_000) })
  const [code, signal] = await once(child, 'close') as [number | null, NodeJS.Signals | null]
  if (code === 0) return
  if (signal === 'SIGKILL') throw new AgentError('CHECKPOINT_FAILED', `${folder} could not be read within ${patienceMs / 1000} s`)
  const told = /Error: (.*)/.exec(words)?.[1] ?? words.trim()
  const end = `${signal ?? `code ${code}`}${told && `, ${told.slice(0, maxWords)}`}`
  throw new AgentError('CHECKPOINT_DAMAGED', `${folder} cannot be read: its reader ended with ${end}`)
}
