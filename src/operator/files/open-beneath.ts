import { constants, type Stats } from 'node:fs'
import { open, readlink, type FileHandle } from 'node:fs/promises'

/** An open place in a sandbox; what it is was asked of the handle, not of a name. */
export interface Found extends AsyncDisposable {
  /** Leads to this very file, whatever its name has become meanwhile. */
  readonly path: string
  readonly stat: Stats
}

/** Linux's O_PATH, which node:fs does not name: holds a file without opening it, so that no fifo waits and no device stirs. */
const holdOnly = 0x200000
const asItStands = holdOnly | constants.O_NOFOLLOW
/** As many folders are held at once; as many links are followed. */
const maxDepth = 100
const maxLinks = 40

/**
 * Goes the way from a folder, name by name, each opened in the folder that is held and without following a link. A link is read and its way gone in
 * the same manner, so that however the container swaps names meanwhile, nothing above the folder is ever reached. undefined: it leads nowhere, or out.
 */
export async function openBeneath (root: string, way: string): Promise<Found | undefined> {
  const held: FileHandle[] = []
  try {
    held.push(await open(root, asItStands | constants.O_DIRECTORY))
    if (!await walk(held, way.split('/'))) return undefined
    const handle = held.pop() as FileHandle
    return { path: pathOf(handle), stat: await statOrClose(handle), [Symbol.asyncDispose]: () => handle.close() }
  } catch (error) {
    if (leadsNowhere(error)) return undefined
    throw error
  } finally {
    await Promise.all(held.map(handle => handle.close()))
  }
}

/** Leaves the last place on top; false when the way leads out or is too long. */
async function walk (held: FileHandle[], names: string[]): Promise<boolean> {
  let links = 0
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '' || name === '.') continue
    if (held.length > maxDepth) return false
    if (name === '..') {
      await held.pop()?.close()
      if (held.length === 0) return false
      continue
    }
    const folder = pathOf(held.at(-1) as FileHandle)
    const handle = await open(`${folder}/${name}`, asItStands)
    const stat = await statOrClose(handle)
    if (!stat.isSymbolicLink()) { held.push(handle); continue }
    await handle.close()
    const target = await readlink(`${folder}/${name}`)
    if (target.startsWith('/') || ++links > maxLinks) return false
    names.unshift(...target.split('/'))
  }
  return true
}

async function statOrClose (handle: FileHandle): Promise<Stats> {
  try {
    return await handle.stat()
  } catch (error) {
    await handle.close()
    throw error
  }
}

function pathOf ({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`
}

const nowhere = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EINVAL', 'EACCES', 'EPERM'])

function leadsNowhere (error: unknown): boolean {
  return nowhere.has((error as NodeJS.ErrnoException).code ?? '')
}
