import { randomUUID } from 'node:crypto'
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AgentError } from '../../src/model/errors.ts'

/** Unlinking is sync; after so many entries a cancel, or a question whether the thread still turns, has its turn. */
const entriesAtOnce = 100
/** A folder that is nested deeper is moved up first, so that no nesting uses up our open files. */
const maxDepth = 32
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

interface Walk {
  readonly signal: AbortSignal
  /** Of the tree's root: another file system that is mounted within is not ours to empty. */
  readonly device: number
  readonly root: number
  entries: number
}

/**
 * Removes a tree that others may be changing meanwhile: every folder is opened without following links, and its entries are named through what was
 * opened, so that none but entries of this tree are met. Answers how many there were; a tree that is not there has none. Throws when some are left.
 */
export async function removeTree (parent: string, name: string, signal: AbortSignal): Promise<number> {
  const above = openFolder(Buffer.from(parent))
  if (above === undefined) return 0
  try {
    const root = openFolder(at(above, Buffer.from(name)))
    if (root === undefined) return 0
    const walk: Walk = { signal, device: fstatSync(root).dev, root, entries: 0 }
    try {
      await empty(root, 0, walk)
    } finally {
      closeSync(root)
    }
    remove(() => { rmdirSync(at(above, Buffer.from(name))) })
    return walk.entries
  } finally {
    closeSync(above)
  }
}

/** Over again until nothing is found: what is moved up comes to light in the next pass. */
async function empty (folder: number, depth: number, walk: Walk): Promise<void> {
  for (;;) {
    const names = readdirSync(`/proc/self/fd/${folder}`, { encoding: 'buffer' })
    if (names.length === 0) return
    for (const name of names) await removeEntry({ folder, name, depth }, walk)
  }
}

async function removeEntry ({ folder, name, depth }: { folder: number, name: Buffer, depth: number }, walk: Walk): Promise<void> {
  if (++walk.entries % entriesAtOnce === 0) await nextTurn()
  walk.signal.throwIfAborted()
  const path = at(folder, name)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (stats.dev !== walk.device) throw new AgentError('SANDBOX_FAILED', `another file system is mounted at ${name.toString()}`)
  if (!stats.isDirectory()) remove(() => { unlinkSync(path) })
  else if (depth >= maxDepth) renameSync(path, at(walk.root, Buffer.from(`.moved-${randomUUID()}`)))
  else await removeFolder(path, depth, walk)
}

async function removeFolder (path: Buffer, depth: number, walk: Walk): Promise<void> {
  const inner = openFolder(path)
  if (inner === undefined) return
  try {
    await empty(inner, depth + 1, walk)
  } finally {
    closeSync(inner)
  }
  remove(() => { rmdirSync(path) })
}

/** undefined: it is gone, or no folder any more. */
function openFolder (path: Buffer): number | undefined {
  try {
    return openSync(path, folderFlags)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error))) return undefined
    throw error
  }
}

/** Names are bytes; they need not be text. */
function at (folder: number, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), name])
}

function remove (action: () => void): void {
  try {
    action()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

function codeOf (error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}
