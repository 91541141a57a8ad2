import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { AgentError, messageOf } from '../../src/model/errors.ts'
import type { KnownFile } from '../../src/pool/jobs.ts'

export interface LogFile extends Disposable {
  readonly written: number
  append (bytes: Uint8Array): void
}

/**
 * Opens a log file that `prepare` has made and holds it: the container may put what it likes in its place, and may have done so when its pipe is
 * laid again. A fifo must not hold this thread, a device must not be written: it is that very file, or none. Writes are synchronous: the
 * libuv thread pool is shared with the checkpoint, and a thread that writes does not read, which is all the back-pressure that is needed.
 */
export function openLogFile (file: KnownFile): LogFile {
  const { path } = file
  const fd = attempt(path, () => openKnown(file))
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

function openKnown ({ path, device, inode }: KnownFile): number {
  const fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY)
  const { dev, ino } = fstatSync(fd)
  if (dev === device && ino === inode) return fd
  closeSync(fd)
  throw new Error('another file has taken its place')
}

function attempt<T> (path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
    throw new AgentError(isFull ? 'DISK_FULL' : 'SANDBOX_FAILED', `cannot write ${path}: ${messageOf(error)}`)
  }
}
