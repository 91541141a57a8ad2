import { delay } from '../base/deadline.ts'
import { beginsAt, openAt, partsOf, tryOpen, type CurrentLog, type OpenPart } from './log-parts.ts'

export interface TailOptions {
  /** Bytes from the log's beginning, those that were rotated away included. */
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

/** The bytes of a sandbox's log, over its rotations. NOT_FOUND when the container has put something else in its place. */
export async function * tail (log: CurrentLog, options: TailOptions): AsyncGenerator<Buffer> {
  const end = options.offset + (options.length ?? Infinity)
  for (let at: number | undefined = options.offset; at !== undefined && at < end;) {
    await using opened = await openAt(log, at)
    at = yield * readPart(log, opened, { ...options, offset: Math.max(at, opened.part.start), length: end - at })
  }
}

/** Reads one file to its end; answers where the next one begins, or undefined when all has been told. */
async function * readPart (log: CurrentLog, { part, handle }: OpenPart, options: TailOptions): AsyncGenerator<Buffer, number | undefined> {
  const { offset, length = Infinity, follow, isComplete, signal } = options
  const buffer = Buffer.allocUnsafe(chunkBytes)
  for (let at = offset; at < offset + length;) {
    const wasComplete = isComplete()
    const next = partsOf(log()).find(({ start }) => start > part.start)
    const room = Math.min(chunkBytes, offset + length - at, (next?.start ?? Infinity) - at)
    const { bytesRead } = room > 0 ? await handle.read(buffer, 0, room, at - part.start) : { bytesRead: 0 }
    at += bytesRead
    if (bytesRead > 0) yield Buffer.from(buffer.subarray(0, bytesRead))
    else if (next !== undefined) return next.start
    else if (!follow || wasComplete) return undefined
    else await delay(pollMs, signal)
  }
  return undefined
}

/** Where the last lines of a log begin; one that is not ended yet counts. They are looked for in its last 64 MB. */
export async function offsetOfLastLines (log: CurrentLog, lines: number): Promise<number> {
  await using last = await openAt(log, Infinity)
  const { size } = await last.handle.stat()
  const end = last.part.start + size
  if (lines === 0) return end
  // The newline at the very end ends the last line and begins none.
  let scan = await lineBegin(last, size - 1, lines)
  let from = last.part.start
  for (const part of partsOf(log()).filter(({ start }) => start < last.part.start).reverse()) {
    if (scan.offset !== undefined || end - from > maxScanBytes) break
    await using opened = await tryOpen(part)
    if (opened === undefined) break
    scan = await lineBegin(opened, from - part.start, scan.left)
    from = part.start
  }
  return scan.offset ?? Math.max(from, beginsAt(log()))
}

/** Backwards from `size`: where in the log the last so many lines of this file begin, or how many are still to be found. */
async function lineBegin ({ part, handle }: OpenPart, size: number, lines: number): Promise<{ offset?: number, left: number }> {
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let left = lines
  for (let end = size; end > 0; end -= chunkBytes) {
    if (size - end > maxScanBytes) return { offset: part.start + end, left }
    const start = Math.max(0, end - chunkBytes)
    const { bytesRead } = await handle.read(buffer, 0, end - start, start)
    for (let at = bytesRead - 1; at >= 0; at--) if (buffer[at] === newline && --left === 0) return { offset: part.start + start + at + 1, left: 0 }
  }
  return { left }
}
