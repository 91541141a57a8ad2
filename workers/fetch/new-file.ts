import { closeSync, constants, fchmodSync, fsyncSync, ftruncateSync, futimesSync, openSync, writeSync } from 'node:fs'

export interface NewFile extends Disposable {
  readonly written: number
  append (bytes: Uint8Array): void
  /** Forgets what has been written. */
  restart (): void
  /** Gives it its permissions, and its time if that is known. */
  finish (mode: number, modified?: Date): void
  /** Waits until it is on the disk. */
  sync (): void
}

/**
 * Makes a file where there is none, and never through a link. Writes are synchronous: the libuv thread pool is shared with the checkpoint,
 * and a thread that writes does not read, which is all the back-pressure that is needed.
 */
export function createFile (path: string): NewFile {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  let written = 0
  let isOpen = true
  return {
    get written () { return written },
    append (bytes) {
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, written + at)
      written += bytes.length
    },
    restart () {
      if (written > 0) ftruncateSync(fd, 0)
      written = 0
    },
    finish (mode, modified) {
      fchmodSync(fd, mode & 0o777)
      if (modified !== undefined && !Number.isNaN(modified.getTime())) futimesSync(fd, modified, modified)
    },
    sync () { fsyncSync(fd) },
    [Symbol.dispose] () {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}
