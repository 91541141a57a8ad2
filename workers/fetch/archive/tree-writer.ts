import { chmodSync, linkSync, lstatSync, mkdirSync, symlinkSync, unlinkSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { AgentError } from '../../../src/model/errors.ts'
import { createFile, type NewFile } from '../new-file.ts'
import { pathFault, plainPath } from '../safe-path.ts'
import type { Budget } from './limits.ts'

/**
 * Writes an archive's entries below a folder that nobody else writes to. Symbolic links are made at the very end: until then there is none,
 * so no entry can be written, linked or looked up through one. A later entry takes an earlier one's place, as with tar.
 */
export class TreeWriter {
  readonly #root: string
  readonly #budget: Budget
  readonly #folders = new Set<string>(['.'])
  readonly #links = new Map<string, string>()

  constructor (root: string, budget: Budget) {
    this.#root = root
    this.#budget = budget
  }

  folder (name: string, mode: number): void {
    const plain = this.#checked(name)
    if (plain === '' || this.#folders.has(plain)) this.#count()
    if (plain === '') return
    this.#ensureFolder(plain)
    chmodSync(this.#path(plain), mode & 0o777 | 0o700)       // we have to get in, and to remove it
  }

  /** The caller closes it. */
  file (name: string): NewFile {
    const file = createFile(this.#path(this.#place(name)))
    let bytes = 0
    const append = (chunk: Uint8Array): void => {
      const fault = this.#budget.fileFault(bytes += chunk.length)
      if (fault !== undefined) throw refused(name, fault)
      this.#budget.bytes(chunk.length)
      file.append(chunk)
    }
    return { ...file, append }
  }

  hardLink (name: string, target: string): void {
    const plain = this.#checked(name)
    const plainTarget = plainPath(target)
    if (plainTarget === plain) return
    const text = this.#links.get(plainTarget)
    if (text !== undefined) {
      this.symbolicLink(name, text)
    } else if (pathFault(target) === undefined && this.#stat(plainTarget)?.isFile()) {
      linkSync(this.#path(plainTarget), this.#path(this.#place(name)))
    } else {
      throw refused(name, `is a link to ${quoted(target)}, which is no file of the archive`)
    }
  }

  symbolicLink (name: string, target: string): void {
    this.#links.set(this.#place(name), target)
  }

  /** Makes the symbolic links, and gives their names. */
  finish (): string[] {
    for (const [name, target] of this.#links) {
      if (this.#folders.has(name)) throw refused(name, 'is a link, and a folder as well')
      symlinkSync(target, this.#path(name))
    }
    return [...this.#links.keys()]
  }

  #checked (name: string): string {
    const plain = plainPath(name)
    const fault = pathFault(name) ?? this.#budget.nameFault(plain)
    if (fault !== undefined) throw refused(name, fault)
    return plain
  }

  /** Makes room for an entry that is not a folder. */
  #place (name: string): string {
    this.#count()
    const plain = this.#checked(name)
    if (plain === '') throw refused(name, 'has no name')
    this.#ensureFolder(dirname(plain))
    this.#links.delete(plain)
    const older = this.#stat(plain)
    if (older?.isDirectory()) throw refused(name, 'is a folder, and a file as well')
    if (older !== undefined) unlinkSync(this.#path(plain))
    return plain
  }

  #ensureFolder (name: string): void {
    if (this.#folders.has(name)) return
    this.#ensureFolder(dirname(name))
    const older = this.#stat(name)
    if (older?.isDirectory() === false) throw refused(name, 'is a file, and a folder as well')
    if (older === undefined) {
      this.#count()       // one entry can ask for a thousand
      mkdirSync(this.#path(name))
      chmodSync(this.#path(name), 0o755)       // whatever the umask is
    }
    this.#folders.add(name)
  }

  #count (): void { this.#budget.entry() }
  #path (name: string): string { return join(this.#root, name) }
  #stat (name: string): Stats | undefined { return lstatSync(this.#path(name), { throwIfNoEntry: false }) }
}

export function refused (name: string, fault: string): AgentError {
  return new AgentError('FETCH_FAILED', `its entry ${quoted(name)} ${fault}`)
}

function quoted (name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name)
}
