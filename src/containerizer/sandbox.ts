import { chmod, mkdir, open, rename, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { constants } from 'node:fs'
import { AgentError, messageOf } from '../model/errors.ts'
import type { OlderFile } from '../model/log-record.ts'

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

/** Makes the sandbox with its empty log files, and points `latest` at it. */
export async function makeSandbox (path: string): Promise<LogFiles> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await mkdir(path)
    await chmod(path, 0o750)
    const [stdout, stderr] = await Promise.all([makeLogFile(join(path, 'stdout')), makeLogFile(join(path, 'stderr'))])
    await pointLatest(path)
    return { stdout, stderr }
  } catch (error) {
    const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
    throw new AgentError(isFull ? 'DISK_FULL' : 'SANDBOX_FAILED', `cannot make the sandbox: ${messageOf(error)}`, { path }, undefined)
  }
}

async function makeLogFile (path: string): Promise<LogFile> {
  await using file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644)
  const { dev: device, ino: inode } = await file.stat()
  return { path, device, inode, start: 0, older: [] }
}

async function pointLatest (path: string): Promise<void> {
  const link = `${path}.latest`
  await symlink(path, link)
  await rename(link, join(dirname(path), 'latest'))
}
