import { chmodSync, linkSync, lstatSync, mkdirSync, symlinkSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AgentError } from '../../../src/model/errors.ts'
import { createFile, type NewFile } from '../new-file.ts'
import { pathFault, plainPath } from '../safe-path.ts'
import { checkBytes, checkEntries, type ArchiveLimits } from './limits.ts'

export interface TreeWriter {
  folder (name: string, mode: number): void
  /** The caller closes it. */
  file (name: string): NewFile
  hardLink (name: string, target: string): void
  symbolicLink (name: string, target: string): void
  /** Makes the symbolic links, and gives their names. */
  finish (): string[]
}

/**
 * Writes an archive's entries below a folder that nobody else writes to. Symbolic links are made at the very end: until then there is none, so no
 * entry can be written, linked or looked up through one. A later entry takes an earlier one's place, as with tar.
 */
export function treeWriter (root: string, limits: ArchiveLimits): TreeWriter {
  const folders = new Set<string>(['.'])
  const links = new Map<string, string>()
  let entries = 0
  let bytes = 0

  const count = (): void => { checkEntries(++entries, limits) }

  /** The entry's plain name, its folder made; empty for the root itself. */
  function enter (name: string): string {
    const fault = pathFault(name)
    if (fault !== undefined) throw refused(name, fault)
    const plain = plainPath(name)
    ensureFolder(dirname(plain))
    return plain
  }

  function ensureFolder (name: string): void {
    if (folders.has(name)) return
    ensureFolder(dirname(name))
    const path = join(root, name)
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined) {
      count()       // one entry can ask for a thousand
      makeFolder(path, 0o755)
    }
    if (stat?.isDirectory() === false) throw refused(name, 'is a file, and a folder as well')
    folders.add(name)
  }

  function place (name: string): string {
    count()
    const plain = enter(name)
    if (plain === '') throw refused(name, 'has no name')
    removeOlder(plain)
    return plain
  }

  function removeOlder (plain: string): void {
    links.delete(plain)
    const path = join(root, plain)
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory()) throw refused(plain, 'is a folder, and a file as well')
    if (stat !== undefined) unlinkSync(path)
  }

  return {
    folder (name, mode) {
      const plain = enter(name)
      if (plain === '' || folders.has(plain)) count()
      if (plain === '') return
      ensureFolder(plain)
      chmodSync(join(root, plain), mode & 0o777 | 0o700)       // we have to get in, and to remove it
    },
    file (name) {
      const file = createFile(join(root, place(name)))
      return { ...file, append (chunk) { checkBytes(bytes += chunk.length, limits); file.append(chunk) } }
    },
    hardLink (name, target) {
      const fault = pathFault(target)
      if (fault !== undefined) throw refused(name, `is a link to ${quoted(target)}, which ${fault}`)
      const plainTarget = plainPath(target)
      const text = links.get(plainTarget)
      if (text !== undefined) return void links.set(place(name), text)
      if (plainTarget === plainPath(name)) return
      const stat = lstatSync(join(root, plainTarget), { throwIfNoEntry: false })
      if (!stat?.isFile()) throw refused(name, `is a link to ${quoted(target)}, which is no file of the archive`)
      linkSync(join(root, plainTarget), join(root, place(name)))
    },
    symbolicLink (name, target) { links.set(place(name), target) },
    finish () {
      for (const [name, target] of links) {
        if (folders.has(name)) throw refused(name, 'is a link, and a folder as well')
        symlinkSync(target, join(root, name))
      }
      return [...links.keys()]
    },
  }
}

function makeFolder (path: string, mode: number): void {
  mkdirSync(path)
  chmodSync(path, mode)       // whatever the umask is
}

export function refused (name: string, fault: string): AgentError {
  return new AgentError('FETCH_FAILED', `its entry ${quoted(name)} ${fault}`)
}

function quoted (name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name)
}
