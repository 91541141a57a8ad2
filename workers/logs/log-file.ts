import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { AgentError, messageOf } from '../../src/model/errors.ts'

export interface LogFile extends Disposable {
  readonly written: number
  append (bytes: Uint8Array): void
}

/**
 * Opens a log file that `prepare` has made and holds it: the container may put what it likes in its place afterwards. Writes are synchronous: the
 * libuv thread pool is shared with the checkpoint, and a thread that writes does not read, which is all the back-pressure that is needed.
 */
export function openLogFile (path: string): LogFile {
  const fd = attempt(path, () => openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW))
  let written = 0
  return {
    get written () { return written },
    append (bytes) {
      for (let at = 0; at < bytes.length;) at += attempt(path, () => writeSync(fd, bytes, at))
      written += bytes.length
    },
    [Symbol.dispose] () { closeSync(fd) },
  }
}

function attempt<T> (path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
    throw new AgentError(isFull ? 'DISK_FULL' : 'SANDBOX_FAILED', `cannot write ${path}: ${messageOf(error)}`)
  }
}
