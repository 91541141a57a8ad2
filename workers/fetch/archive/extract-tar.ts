import { closeSync, openSync, readSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { AgentError } from '../../../src/model/errors.ts'
import { openLocalFile } from '../local-file.ts'
import { checkBytes, type ArchiveLimits } from './limits.ts'
import { refused, type TreeWriter } from './tree-writer.ts'

const defaultMode = 0o644

/** Unfolds a tar file, gzipped or not, whatever its name says. */
export async function extractTar (path: string, tree: TreeWriter, limits: ArchiveLimits, signal: AbortSignal): Promise<void> {
  const { chunks } = openLocalFile(path, signal)
  const parser = startParser(tree)
  let bytes = 0
  for await (const chunk of isGzip(path) ? gunzipped(chunks) : chunks) {
    signal.throwIfAborted()
    if (bytes === 0 && looksGzipped(chunk)) throw new AgentError('FETCH_FAILED', 'it is compressed twice')
    checkBytes(bytes += chunk.length, limits)
    parser.write(chunk)
    if (parser.isOver) return       // what follows the end mark would only pile up in memory
  }
  parser.end()
}

/** The parser with its events brought together: an error, whoever made it, is thrown by the write that met it. */
function startParser (tree: TreeWriter): { write (chunk: Buffer): void, end (): void, readonly isOver: boolean } {
  let failure: unknown
  let isOver = false
  const fail = (error: unknown): void => { failure ??= error }
  const attempt = (action: () => void): void => {
    try {
      if (failure === undefined) action()
    } catch (error) {
      fail(error)
    }
  }
  const throwFailure = (): void => { if (failure !== undefined) throw failure }
  // Not its own decompressor: what is damaged would be thrown where nobody catches it.
  const parser = new Parser({
    strict: true, gzip: false, brotli: false, zstd: false, onReadEntry: entry => { attempt(() => { takeEntry(entry, tree, attempt) }); entry.resume() },
  })
  parser.on('error', fail)
  parser.on('ignoredEntry', (entry: ReadEntry) => { fail(refused(entry.path, `is of the type ${entry.type}`)) })
  parser.on('eof', () => { isOver = true })
  return {
    write (chunk) { attempt(() => { parser.write(chunk) }); throwFailure() },
    end () { attempt(() => { parser.end() }); throwFailure() },
    get isOver () { return isOver },
  }
}

/** Only the kinds of entries that a task can want; owner, setuid and the like are dropped. */
function takeEntry (entry: ReadEntry, tree: TreeWriter, attempt: (action: () => void) => void): void {
  switch (entry.type) {
    case 'File': case 'OldFile': case 'ContiguousFile':
      takeFile(entry, tree, attempt)
      break
    case 'Directory': case 'GNUDumpDir':
      tree.folder(entry.path, entry.mode ?? 0o755)
      break
    case 'Link':
      tree.hardLink(entry.path, entry.linkpath ?? '')
      break
    case 'SymbolicLink':
      tree.symbolicLink(entry.path, entry.linkpath ?? '')
      break
    default:
      throw refused(entry.path, `is of the type ${entry.type}`)
  }
}

function takeFile (entry: ReadEntry, tree: TreeWriter, attempt: (action: () => void) => void): void {
  const file = tree.file(entry.path)
  entry.on('data', chunk => { attempt(() => { file.append(chunk) }) })
  entry.on('end', () => {
    attempt(() => { file.finish(entry.mode ?? defaultMode, entry.mtime) })
    file[Symbol.dispose]()
  })
}

function gunzipped (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return pipeline(Readable.from(chunks), createGunzip({ chunkSize: 256 * 1024 }), () => {})       // errors come out where it is read
}

function looksGzipped (chunk: Uint8Array): boolean {
  return chunk[0] === 0x1f && (chunk.length < 2 || chunk[1] === 0x8b)
}

function isGzip (path: string): boolean {
  const fd = openSync(path, 'r')
  try {
    const magic = Buffer.alloc(2)
    readSync(fd, magic, 0, 2, 0)
    return looksGzipped(magic)
  } finally {
    closeSync(fd)
  }
}
