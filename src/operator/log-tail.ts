import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { delay } from '../base/deadline.ts'
import type { LogFile } from '../containerizer/sandbox.ts'
import { AgentError } from '../model/errors.ts'

export interface TailOptions {
  /** Bytes from the file's beginning. */
  readonly offset: number
  /** Bytes at most; all without it. */
  readonly length?: number
  /** Goes on until the log is complete. */
  readonly follow: boolean
  /** Nothing will be added any more. */
  isComplete (): boolean
  /** Aborts when the reader has gone: a quiet log would never notice. */
  readonly signal: AbortSignal
}

const chunkBytes = 64 * 1024
const pollMs = 50
const newline = 0x0a
/** Lines that are longer than this together are not counted to their end. */
const maxScanBytes = 64 << 20

/**
 * The bytes of a sandbox's log file. The container can write there: the file is opened without following a link, and must be the very one that
 * we made. NOT_FOUND otherwise.
 */
export async function * tail (file: LogFile, { offset, length = Infinity, follow, isComplete, signal }: TailOptions): AsyncGenerator<Buffer> {
  await using handle = await openOurs(file)
  const buffer = Buffer.allocUnsafe(chunkBytes)
  for (let at = offset; at < offset + length;) {
    const wasComplete = isComplete()
    const { bytesRead } = await handle.read(buffer, 0, Math.min(chunkBytes, offset + length - at), at)
    at += bytesRead
    if (bytesRead > 0) yield Buffer.from(buffer.subarray(0, bytesRead))
    else if (!follow || wasComplete) return
    else await delay(pollMs, signal)
  }
}

/** Where the last lines of a log begin; one that is not ended yet counts. They are looked for in its last 64 MB. */
export async function offsetOfLastLines (file: LogFile, lines: number): Promise<number> {
  await using handle = await openOurs(file)
  const { size } = await handle.stat()
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let left = lines
  // The newline at the very end ends the last line and begins none.
  for (let end = size - 1; lines > 0; end -= chunkBytes) {
    const start = Math.max(0, end - chunkBytes)
    if (end <= 0 || size - end > maxScanBytes) return Math.max(0, end)
    const { bytesRead } = await handle.read(buffer, 0, end - start, start)
    for (let at = bytesRead - 1; at >= 0; at--) if (buffer[at] === newline && --left === 0) return start + at + 1
  }
  return size
}

async function openOurs ({ path, device, inode }: LogFile): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => { throw replaced(path) })
  const found = await handle.stat()
  // The number of a removed file can be that of the device or fifo in its place.
  if (found.isFile() && found.dev === device && found.ino === inode) return handle
  await handle.close()
  throw replaced(path)
}

function replaced (path: string): AgentError {
  return new AgentError('NOT_FOUND', 'the log file is no longer there, or something else stands in its place', { path })
}
