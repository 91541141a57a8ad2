import type Docker from 'dockerode'
import type { Exec } from 'dockerode'
import { finished } from 'node:stream/promises'
import { backoff } from '../base/backoff.ts'
import { delay } from '../base/deadline.ts'
import { endExec } from './end-exec.ts'
import type { ExecCommand } from './port.ts'

/** Runs a command in a running container; its exit code. Its output is thrown away: it is read for its end alone. */
export async function exec (docker: Docker, id: string, { argv, environment }: ExecCommand, abortSignal: AbortSignal): Promise<number> {
  const Env = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const made = await docker.getContainer(id).exec({ Cmd: [...argv], Env, AttachStdout: true, AttachStderr: true, abortSignal })
  try {
    return await exitCodeOf(made, abortSignal)
  } catch (error) {
    if (abortSignal.aborted) void endExec(made).catch(() => {})
    throw error
  }
}

async function exitCodeOf (made: Exec, abortSignal: AbortSignal): Promise<number> {
  const output = await made.start({ Detach: false, Tty: false, abortSignal })
  await drain(output, abortSignal)
  // The engine notes the exit code a moment after it has closed the output.
  for (const waitMs of backoff(5, 250)) {
    const { Running: isRunning, ExitCode: exitCode } = await made.inspect({ abortSignal })
    if (!isRunning && exitCode !== null) return exitCode
    await delay(waitMs, abortSignal)
  }
  throw new Error('unreachable: the back-off has no end')
}

async function drain (output: NodeJS.ReadWriteStream & { destroy (): unknown }, signal: AbortSignal): Promise<void> {
  const onAbort = (): void => { output.destroy() }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    output.resume()
    await finished(output, { writable: false })
  } finally {
    signal.removeEventListener('abort', onAbort)
    output.destroy()
  }
}
