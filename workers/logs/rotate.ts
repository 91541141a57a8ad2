import { fchownSync, lstatSync, openSync, closeSync, renameSync, rmSync } from 'node:fs'
import { isSame, createLogFile, type LogFile } from './log-file.ts'
import { foreignIn, type StreamRecord } from '../../src/model/log-record.ts'

export interface Rotation {
  /** A file is rotated before it is longer than this; 0: never. */
  readonly maxBytes: number
  /** How many files are kept, the one that is written included. */
  readonly maxFiles: number
}

/** A new file out of the container's reach, its owner that of the old one. */
export function makeSpare (path: string, { stats }: LogFile): LogFile {
  rmSync(path, { force: true })
  const file = createLogFile(path)
  const fd = openSync(path, 'r')
  try {
    if (process.getuid?.() === 0) fchownSync(fd, stats.uid, stats.gid)
  } finally {
    closeSync(fd)
  }
  return file
}

/** The record of the file that comes after the present one. */
export function successor (record: StreamRecord, old: LogFile, spare: LogFile, { maxFiles }: Rotation): StreamRecord {
  const { device, inode, start, older } = record
  return {
    device: spare.stats.dev,
    inode: spare.stats.ino,
    start: start + old.size,
    foreign: foreignIn(record, old.size),
    older: [{ device, inode, start }, ...older].slice(0, maxFiles - 1),
  }
}

/**
 * Puts the new file in its place and the old ones one further. What it finds done it leaves, so that it can be done again after a crash. The container
 * may have put anything under these names: renames follow no links, and one that fails costs it its own old output.
 */
export function putInPlace (path: string, spare: string, { older }: StreamRecord, { maxFiles }: Rotation): void {
  const [last] = older
  if (last !== undefined && isThere(path, last)) {
    let free = 1
    while (free < maxFiles - 1 && exists(`${path}.${free}`)) free++
    for (; free > 1; free--) tryRename(`${path}.${free - 1}`, `${path}.${free}`)
    tryRename(path, `${path}.1`)
  }
  tryRename(spare, path)
}

export function isThere (path: string, file: { device: number, inode: number }): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats !== undefined && isSame(stats, file)
}

function exists (path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function tryRename (from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch {
    // A folder in its way, most likely.
  }
}
