import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { delay } from '../base/deadline.ts'
import type { LogFile } from '../containerizer/sandbox.ts'
import { AgentError } from '../model/errors.ts'

/** The log as it is now: it is rotated while it is read. */
export type CurrentLog = () => LogFile

/** One of the files of a log; `start` is where in the log it begins. */
export interface Part { readonly path: string, readonly device: number, readonly inode: number, readonly start: number }
export interface OpenPart extends AsyncDisposable { readonly part: Part, readonly handle: FileHandle }

const pollMs = 50
/** How long it may take until we hear of a rotation that has been done. */
const rotationMs = 500

/** Oldest first. */
export function partsOf ({ path, device, inode, start, older }: LogFile): Part[] {
  const rotated = older.map((file, index) => ({ ...file, path: `${path}.${index + 1}` }))
  return [...rotated.reverse(), { path, device, inode, start }]
}

/** Where the log begins that may still be there. */
export function beginsAt (log: LogFile): number {
  return partsOf(log)[0]?.start ?? 0
}

/** The file that has this byte, or the next one that is there: what the container has taken away of its own log is left out. NOT_FOUND: none. */
export async function openAt (log: CurrentLog, at: number): Promise<OpenPart> {
  for (;;) {
    const known = log()
    const parts = partsOf(known)
    const [first, ...later] = parts.slice(Math.max(0, parts.findLastIndex(({ start }) => start <= at)))
    const opened = first && await tryOpen(first)
    if (opened !== undefined) return opened
    if (await isRotated(log, known)) continue
    for (const part of later) {
      const next = await tryOpen(part)
      if (next !== undefined) return next
    }
    throw new AgentError('NOT_FOUND', 'the log file is no longer there, or something else stands in its place', { path: known.path })
  }
}

/** The container can write there: no link is followed, and it must be the very file that we made. */
export async function tryOpen (part: Part): Promise<OpenPart | undefined> {
  const handle = await open(part.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined)
  if (handle === undefined) return undefined
  const found = await handle.stat()
  // The number of a removed file can be that of the device or fifo in its place.
  if (found.isFile() && found.dev === part.device && found.ino === part.inode) return { part, handle, [Symbol.asyncDispose]: () => handle.close() }
  await handle.close()
  return undefined
}

async function isRotated (log: CurrentLog, known: LogFile): Promise<boolean> {
  for (let waited = 0; waited < rotationMs && log() === known; waited += pollMs) await delay(pollMs)
  return log() !== known
}
