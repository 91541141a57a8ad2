import { Parser, type ReadEntry } from 'tar'
import type { NewFile } from '../new-file.ts'
import { refused, type TreeWriter } from './tree-writer.ts'

export interface TarParser extends Disposable {
  /** Takes the next bytes to where they belong before it returns; throws the first failure. */
  write (chunk: Buffer): void
  /** There are no more bytes. */
  end (): void
  /** The archive's own end mark has come. */
  readonly isOver: boolean
}


/** The kinds of entries that a task can want; owner, setuid and the like are dropped. All others are refused. */
const takers: Readonly<Record<string, (entry: ReadEntry, tree: TreeWriter) => NewFile | undefined>> = {
  File: takeFile, OldFile: takeFile, ContiguousFile: takeFile,
  Directory: takeFolder, GNUDumpDir: takeFolder,
  Link: takeHardLink, SymbolicLink: takeSymbolicLink,
}

/** The parser's events brought together. An error, whoever made it, is kept until the library's own stack has been left. */
export function startTarParser (tree: TreeWriter): TarParser {
  const failures: unknown[] = []
  let isOver = false
  let current: NewFile | undefined
  const attempt = (action: () => void): void => {
    try {
      if (failures.length === 0) action()
    } catch (error) {
      failures.push(error)
    }
  }
  const close = (): void => {
    current?.[Symbol.dispose]()
    current = undefined
  }
  const onReadEntry = (entry: ReadEntry): void => {
    attempt(() => { current = take(entry, tree) })
    entry.on('data', chunk => { attempt(() => { current?.append(chunk) }) })
    entry.on('end', () => { attempt(() => { current?.finish(entry.mode ?? 0o644, entry.mtime) }); close() })
  }
  // Not its own decompressors: what is damaged would be thrown where nobody catches it.
  const parser = new Parser({ strict: true, gzip: false, brotli: false, zstd: false, onReadEntry })
  parser.on('error', (error: unknown) => { failures.push(error) })
  parser.on('ignoredEntry', (entry: ReadEntry) => { failures.push(unwanted(entry)) })
  parser.on('eof', () => { isOver = true })
  return {
    write (chunk) { attempt(() => { parser.write(chunk) }); throwFirst(failures) },
    end () { attempt(() => { parser.end() }); throwFirst(failures) },
    get isOver () { return isOver },
    [Symbol.dispose]: close,
  }
}

function throwFirst (failures: readonly unknown[]): void {
  if (failures.length > 0) throw failures[0] as Error
}

function take (entry: ReadEntry, tree: TreeWriter): NewFile | undefined {
  const taker = takers[entry.type]
  if (taker === undefined) throw unwanted(entry)
  return taker(entry, tree)
}

function takeFile (entry: ReadEntry, tree: TreeWriter): NewFile {
  return tree.file(entry.path)
}

function takeFolder (entry: ReadEntry, tree: TreeWriter): undefined {
  tree.folder(entry.path, entry.mode ?? 0o755)
}

function takeHardLink (entry: ReadEntry, tree: TreeWriter): undefined {
  tree.hardLink(entry.path, entry.linkpath ?? '')
}

function takeSymbolicLink (entry: ReadEntry, tree: TreeWriter): undefined {
  tree.symbolicLink(entry.path, entry.linkpath ?? '')
}

function unwanted ({ path, type }: ReadEntry): Error {
  return refused(path, `is of the type ${type}`)
}
