import { closeSync, constants, fstatSync, openSync, readSync, writeSync, type Stats } from 'node:fs'
import { AgentError, messageOf } from '../../src/model/errors.ts'
import type { KnownFile } from '../../src/pool/jobs.ts'

export interface LogFile extends Disposable {
  readonly path: string
  /** Its length when it was opened, and what was added since. */
  readonly size: number
  readonly stats: Stats
  append (bytes: Uint8Array): void
  /** Its last bytes; undefined when it is shorter, or cannot be read. */
  tail (bytes: number): Buffer | undefined
}

const careful = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY
const flags = constants.O_WRONLY | constants.O_APPEND | careful

/**
 * Opens a log file that we have made and holds it: the container may put what it likes in its place, and may have done so when its pipe is
 * laid again. A fifo must not hold this thread, a device must not be written: it is that very file, or none.
 */
export function openLogFile (file: KnownFile): LogFile {
  return attempt(file.path, () => held(file.path, openKnown(file)))
}

/** Makes a log file that was not there. */
export function createLogFile (path: string): LogFile {
  return attempt(path, () => held(path, openSync(path, flags | constants.O_CREAT | constants.O_EXCL, 0o644)))
}

/** Writes are synchronous: the libuv thread pool is shared with the checkpoint, and a thread that writes does not read, which is back-pressure enough. */
function held (path: string, fd: number): LogFile {
  const stats = fstatSync(fd)
  let size = stats.size
  return {
    path,
    stats,
    get size () { return size },
    append (bytes) {
      for (let at = 0; at < bytes.length;) {
        const written = attempt(path, () => writeSync(fd, bytes, at))
        at += written
        size += written
      }
    },
    tail: bytes => bytes > size ? undefined : readAt({ path, device: stats.dev, inode: stats.ino }, size - bytes, bytes),
    [Symbol.dispose] () { closeSync(fd) },
  }
}

function readAt (file: KnownFile, from: number, bytes: number): Buffer | undefined {
  let fd: number | undefined
  try {
    fd = openKnown(file, constants.O_RDONLY | careful)
    const found = Buffer.alloc(bytes)
    return readSync(fd, found, 0, bytes, from) === bytes ? found : undefined
  } catch {
    return undefined
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function openKnown ({ path, device, inode }: KnownFile, how = flags): number {
  const fd = openSync(path, how)
  const stats = fstatSync(fd)
  // The number of a removed file can be that of a device in its place.
  if (stats.isFile() && isSame(stats, { device, inode })) return fd
  closeSync(fd)
  throw new Error('another file has taken its place')
}

export function isSame ({ dev, ino }: Stats, { device, inode }: { device: number, inode: number }): boolean {
  return dev === device && ino === inode
}

export function attempt<T> (path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
    throw new AgentError(isFull ? 'DISK_FULL' : 'SANDBOX_FAILED', `cannot write ${path}: ${messageOf(error)}`)
  }
}
