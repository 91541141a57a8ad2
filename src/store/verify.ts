import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { AgentError, messageOf } from '../model/errors.ts'

/** How the reader ends that has found damage. */
export const damagedExitCode = 3

const patienceMs = 30_000
const maxWords = 300

/**
 * Has a child read the database first. Throws CHECKPOINT_DAMAGED when that died of what it read; CHECKPOINT_FAILED when it ended for another reason, or did
 * not in time: that says nothing about the database.
 */
export async function verifyDatabase (folder: string): Promise<void> {
  const entry = fileURLToPath(new URL('./verify-entry.js', import.meta.url))
  // In a group of its own: what a terminal sends to ours is not for it to die of.
  const child = spawn(process.execPath, [entry, folder], {
    stdio: ['ignore', 'ignore', 'pipe'], timeout: patienceMs, killSignal: 'SIGKILL', detached: true,
  })
  const { code, signal, words } = await endOf(child).catch((error: unknown) => {
    throw new AgentError('CHECKPOINT_FAILED', `${folder} could not be read: no process can be started (${messageOf(error)})`)
  })
  if (code === 0) return
  if (child.killed) throw new AgentError('CHECKPOINT_FAILED', `${folder} could not be read within ${patienceMs / 1000} s`)
  const isDamaged = code === damagedExitCode || signal === 'SIGBUS' || signal === 'SIGSEGV' || words.includes('Assertion')
  const told = /Error: (.*)/.exec(words)?.[1] ?? words.trim()
  const end = `${signal ?? `code ${code}`}${told && `, ${told.slice(0, maxWords)}`}`
  if (isDamaged) throw new AgentError('CHECKPOINT_DAMAGED', `${folder} cannot be read: its reader ended with ${end}`)
  throw new AgentError('CHECKPOINT_FAILED', `${folder} could not be read: its reader ended with ${end}`)
}

interface End { readonly code: number | null, readonly signal: NodeJS.Signals | null, readonly words: string }

async function endOf (child: ChildProcess): Promise<End> {
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => { words = `${words}${text}`.slice(0, 10_000) })
  const [code, signal] = await once(child, 'close') as [number | null, NodeJS.Signals | null]
  return { code, signal, words }
}
