import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import yauzl, { type Entry } from 'yauzl'
import { refused, type TreeWriter } from './tree-writer.ts'

/** What version 3 has, and the declarations do not. */
interface ZipFile {
  close (): void
  eachEntry (): AsyncIterable<Entry>
  openReadStreamPromise (entry: Entry): Promise<Readable>
}
const { openPromise } = yauzl as unknown as { openPromise (path: string): Promise<ZipFile> }

const unix = 3
const kindMask = 0o170000
const kinds = { folder: 0o040000, file: 0o100000, link: 0o120000 }
const maxLinkBytes = 4_096

export async function extractZip (path: string, tree: TreeWriter, signal: AbortSignal): Promise<void> {
  const zip = await openPromise(path)
  try {
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted()
      await takeEntry(zip, entry, tree, signal)
    }
  } finally {
    zip.close()
  }
}

async function takeEntry (zip: ZipFile, entry: Entry, tree: TreeWriter, signal: AbortSignal): Promise<void> {
  const { fileName: name } = entry
  const attributes = entry.versionMadeBy >>> 8 === unix ? entry.externalFileAttributes >>> 16 : 0
  const kind = attributes & kindMask
  const mode = attributes & 0o777
  if (entry.isEncrypted()) throw refused(name, 'is encrypted')
  if (name.endsWith('/') || kind === kinds.folder) tree.folder(name, mode || 0o755)
  else if (kind === kinds.link) tree.symbolicLink(name, await readLink(zip, entry, signal))
  else if (kind === kinds.file || kind === 0) await takeFile(zip, entry, tree, signal)
  else throw refused(name, 'is neither a file, a folder nor a link')
}

async function takeFile (zip: ZipFile, entry: Entry, tree: TreeWriter, signal: AbortSignal): Promise<void> {
  using file = tree.file(entry.fileName)
  await readEntry(zip, entry, signal, chunk => { file.append(chunk) })
  const attributes = entry.versionMadeBy >>> 8 === unix ? entry.externalFileAttributes >>> 16 : 0
  file.finish(attributes & 0o777 || 0o644, entry.getLastModDate())
}

async function readLink (zip: ZipFile, entry: Entry, signal: AbortSignal): Promise<string> {
  if (entry.uncompressedSize > maxLinkBytes) throw refused(entry.fileName, 'is a link that is too long')
  const chunks: Uint8Array[] = []
  await readEntry(zip, entry, signal, chunk => { chunks.push(chunk) })
  return Buffer.concat(chunks).toString()
}

/** Sizes are checked by the library, as they come; what the bytes are is checked here. */
async function readEntry (zip: ZipFile, entry: Entry, signal: AbortSignal, take: (chunk: Uint8Array) => void): Promise<void> {
  let sum = 0
  for await (const chunk of await zip.openReadStreamPromise(entry) as AsyncIterable<Buffer>) {
    signal.throwIfAborted()
    sum = crc32(chunk, sum)
    take(chunk)
  }
  if (sum !== entry.crc32) throw refused(entry.fileName, 'is damaged: wrong checksum')
}
