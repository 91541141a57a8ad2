import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { OlderFile } from '../model/log-record.ts'
import type { Pool } from '../pool/pool.ts'

/** A sandbox's log file, and which file it was when we made it: the container may put another in its place. */
export interface LogFile {
  readonly path: string
  readonly device: number
  readonly inode: number
  /** Bytes of the log that are in the files before it. */
  readonly start: number
  /** Those files, newest first, as far as they are still there: `path.1`, `path.2`, … */
  readonly older: readonly OlderFile[]
}
export interface LogFiles { readonly stdout: LogFile, readonly stderr: LogFile }

export interface SandboxPlace {
  readonly workDir: string
  readonly agentId: string
  readonly frameworkId: string
  readonly executorId: string
  readonly containerId: string
}

/** Where a sandbox is, as in Mesos. The ids were checked to be single path segments when they came in. */
export function sandboxPath ({ workDir, agentId, frameworkId, executorId, containerId }: SandboxPlace): string {
  return join(workDir, 'slaves', agentId, 'frameworks', frameworkId, 'executors', executorId, 'runs', containerId)
}

/** Makes the sandbox with its empty log files, in one go on the thread that writes to them: a disk that is slow keeps nobody else waiting. */
export async function makeSandbox (path: string, pool: Pool, signal: AbortSignal): Promise<LogFiles> {
  const { stdout, stderr } = await pool.run('sandbox', { path }, signal)
  return { stdout: { ...stdout, start: 0, older: [] }, stderr: { ...stderr, start: 0, older: [] } }
}

/** Its age counts from now on. One that is gone, or is no folder any more, stays as it is. */
export async function touchSandbox (path: string): Promise<void> {
  try {
    await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    const now = new Date()
    await folder.utimes(now, now)
  } catch { /* then its age counts from its last change */ }
}
