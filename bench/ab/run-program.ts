import { spawn } from 'node:child_process'
import { eventually } from '../../test/support/eventually.ts'
import { exitCodeOf } from '../../test/support/exit-code.ts'

/**
 * Runs a program in a folder, its output to stderr, until it ends. Anything but 0 is an error. An abort asks it and what it has
 * started to end, and waits until all have: none may go on to write into a folder that is removed.
 */
export async function runProgram (command: readonly [string, ...string[]], folder: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const [program, ...args] = command
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 2, 2], detached: true })
  const end = (): void => { signalGroup(child.pid, 'SIGTERM') }
  signal.addEventListener('abort', end)
  const code = await exitCodeOf(child).finally(() => { signal.removeEventListener('abort', end) })
  await groupIsGone(child.pid)
  signal.throwIfAborted()
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}`)
}

/** Whether there was anybody to hear it. */
function signalGroup (leader: number | undefined, signal: NodeJS.Signals | 0): boolean {
  try {
    return leader !== undefined && process.kill(-leader, signal)
  } catch {
    return false
  }
}

async function groupIsGone (leader: number | undefined): Promise<void> {
  const isGone = (): boolean => !signalGroup(leader, 0)
  await eventually(isGone, { withinMs: 5_000 }).catch(() => {
    signalGroup(leader, 'SIGKILL')
    return eventually(isGone, { withinMs: 5_000, reason: `the end of what process ${String(leader)} has started` })
  })
}
