/**
 * What is remembered of a container's log files beside their own lengths. It is written when something of it changes, never by the line, and lies where
 * the container cannot reach it.
 */
export interface LogRecord {
  readonly version: 1
  readonly stdout: StreamRecord
  readonly stderr: StreamRecord
  /** A place that both logs have in common; undefined: none is known, and only their beginnings may still be one. */
  readonly anchor: Anchor | undefined
  /** The engine's run that the pipe was laid to last. */
  readonly engine?: KnownRun | undefined
  /** The container has ended, and all that there will be of its output has been written, or marked. */
  readonly isComplete?: boolean | undefined
}

export interface KnownRun {
  readonly id: string
  readonly beganAtMs?: number | undefined
  /** When engines began that came after one that was lost, as long as nothing that they logged has come: where that begins, output may be missing. */
  readonly losses: readonly string[]
}

export interface StreamRecord {
  readonly device: number
  readonly inode: number
  /** Bytes in the files before this one, rotated away or still there. */
  readonly start: number
  /** Bytes of ours among those that are no output of the container: lines that say what is missing. The last of them is apart: it may be half written. */
  readonly foreign: number
  readonly mark?: { readonly at: number, readonly bytes: number } | undefined
  /** Files that were rotated and may still be there, newest first, as `stdout.1`, `stdout.2`, … */
  readonly older: readonly OlderFile[]
}

export interface OlderFile { readonly device: number, readonly inode: number, readonly start: number }

/** In the engine's log, the entry of this time begins at these bytes of each stream. */
export interface Anchor { readonly time: string, readonly stdout: number, readonly stderr: number }

/** The two logs begin together. */
export const beginning: Anchor = { time: '', stdout: 0, stderr: 0 }

/** How much of the container's own output is in its files, or was: `size` is the present length of the last one. */
export function positionIn (record: StreamRecord, size: number): number {
  return Math.max(0, record.start + size - foreignIn(record, size))
}

/** How many bytes of ours there are: a crash may have left a part of the last mark. */
export function foreignIn ({ start, foreign, mark }: StreamRecord, size: number): number {
  return foreign + (mark === undefined ? 0 : Math.min(mark.bytes, Math.max(0, start + size - mark.at)))
}

/** Where the record of a sandbox lies: beside it, out of its container's reach. */
export function recordPath (sandbox: string): string {
  return `${sandbox}.log-record`
}

/** undefined: it is not one of ours, or not of this version. */
export function parseLogRecord (text: string): LogRecord | undefined {
  try {
    const record = JSON.parse(text) as LogRecord | null
    return record?.version === 1 && isStream(record.stdout) && isStream(record.stderr) ? record : undefined
  } catch {
    return undefined
  }
}

function isStream (stream: Partial<StreamRecord> | undefined): boolean {
  return [stream?.device, stream?.inode, stream?.start, stream?.foreign].every(Number.isSafeInteger) && Array.isArray(stream?.older)
}
