import { spawn } from 'node:child_process'
import { exitCodeOf } from '../../test/support/exit-code.ts'

/** Runs a program in a folder, its output to stderr, until it ends; an abort asks it to end and waits until it has. Anything but 0 is an error. */
export async function runProgram (command: readonly [string, ...string[]], folder: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const [program, ...args] = command
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 2, 2] })
  const end = (): void => { child.kill('SIGTERM') }
  signal.addEventListener('abort', end)
  const code = await exitCodeOf(child).finally(() => { signal.removeEventListener('abort', end) })
  signal.throwIfAborted()
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}`)
}
