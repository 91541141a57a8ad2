import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, realpathSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AgentError } from '../../src/model/errors.ts'

/** A task must not read through the agent, which often is root, what it could not read by itself: keys, the agent's own token. */
const readableByAll = 0o004
const chunkBytes = 256 * 1024

export interface LocalFile {
  readonly bytes: number
  readonly mode: number
  readonly chunks: AsyncGenerator<Buffer>
  /** Instead of reading the chunks. */
  discard (): void
}

/**
 * Opens a regular file for reading, without waiting: a fifo has no writer, a device may do anything. Reads what it was at the start and no
 * more; the chunks own the file. Reads are synchronous: a file system that hangs takes this thread, not the thread pool of all.
 */
export function openLocalFile (path: string, allowed?: readonly string[]): LocalFile {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    const stat = fstatSync(fd)
    if (allowed !== undefined) checkBelow(realPathOf(fd), allowed)
    if (!stat.isFile()) throw new AgentError('FETCH_FAILED', 'it is not a regular file')
    if ((stat.mode & readableByAll) === 0) throw new AgentError('FETCH_FAILED', 'it is not readable by everyone on this host, so tasks do not get it either')
    return { bytes: stat.size, mode: stat.mode & 0o777, chunks: readChunks(fd, stat.size), discard () { closeSync(fd) } }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Of what is open: a path that is looked up a second time may lead elsewhere by then. */
function realPathOf (fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`)
}

function checkBelow (path: string, allowed: readonly string[]): void {
  const isAllowed = allowed.some(folder => `${path}/`.startsWith(realFolder(folder).replace(/\/?$/, '/')))
  if (!isAllowed) throw new AgentError('NOT_ALLOWED', 'it is not in a folder that --allow-fetch-paths names')
}

function realFolder (path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path       // what is not there holds nothing either
  }
}

export async function * readChunks (fd: number, size: number): AsyncGenerator<Buffer> {
  try {
    for (let at = 0; at < size;) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size - at))
      const read = readSync(fd, buffer, 0, buffer.length, at)
      if (read === 0) return
      yield buffer.subarray(0, read)
      at += read
      await nextTurn()       // others of this thread have their turn, and a cancel can come in
    }
  } finally {
    closeSync(fd)
  }
}
