import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { AgentError } from '../../../src/model/errors.ts'

export interface Filter {
  readonly program: string
  readonly options: readonly string[]
  /** What it reads, on its standard input. */
  readonly path: string
}

const maxComplaint = 300

/**
 * What a program of this host makes of a file. It works beside this thread, with memory of its own, and is gone when this ends. It knows
 * neither the agent's environment nor the file's name; should the agent die, it dies of its broken pipe.
 */
export async function * throughProgram ({ program, options, path }: Filter, signal: AbortSignal): AsyncGenerator<Buffer> {
  signal.throwIfAborted()
  const child = start(program, options, path)
  const end = ended(child, program)
  const onAbort = (): void => { child.kill('SIGKILL') }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer
    const fault = await end
    if (fault !== undefined) throw fault
  } finally {
    signal.removeEventListener('abort', onAbort)
    child.kill('SIGKILL')
    await end
  }
}

type Running = ChildProcess & { readonly stdout: Readable, readonly stderr: Readable }

function start (program: string, options: readonly string[], path: string): Running {
  const fd = openSync(path, 'r')
  try {
    return spawn(program, options, { stdio: [fd, 'pipe', 'pipe'], env: { PATH: process.env['PATH'], LC_ALL: 'C' } }) as Running
  } finally {
    closeSync(fd)
  }
}

/** Settles when it is gone: with what was wrong, if anything was. */
function ended (child: Running, program: string): Promise<AgentError | undefined> {
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => { if (complaint.length < maxComplaint) complaint += chunk.toString('latin1') })
  return new Promise(resolve => {
    child.once('error', error => {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      const words = isMissing ? `it takes the program ${program}, which is not in the PATH of this agent` : `${program}: ${error.message}`
      resolve(new AgentError(isMissing ? 'NOT_SUPPORTED' : 'FETCH_FAILED', words))
    })
    child.once('close', (code, signal) => {
      const words = complaint.trim().split('\n')[0]?.slice(0, maxComplaint) || `${program} ended with ${signal ?? code}`
      resolve(code === 0 ? undefined : new AgentError('FETCH_FAILED', words.replace(/[\x00-\x1f\x7f]/g, '?')))
    })
  })
}
