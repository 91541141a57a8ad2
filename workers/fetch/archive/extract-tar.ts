import { closeSync, openSync, readSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AgentError } from '../../../src/model/errors.ts'
import { openLocalFile } from '../local-file.ts'
import { checkBytes, type ArchiveLimits } from './limits.ts'
import { startTarParser } from './tar-parser.ts'
import type { TreeWriter } from './tree-writer.ts'

/** Unfolds a tar file, gzipped or not, whatever its name says. */
export async function extractTar (path: string, tree: TreeWriter, limits: ArchiveLimits, signal: AbortSignal): Promise<void> {
  const isCompressed = isGzip(path)
  const { chunks } = openLocalFile(path)
  using parser = startTarParser(tree)
  let bytes = 0
  for await (const chunk of isCompressed ? gunzipped(chunks) : chunks) {
    signal.throwIfAborted()
    if (bytes === 0 && isCompressed && looksGzipped(chunk)) throw new AgentError('FETCH_FAILED', 'it is compressed twice')
    checkBytes(bytes += chunk.length, limits)
    parser.write(chunk)
    if (parser.isOver) return       // what follows the end mark would only pile up in memory
  }
  parser.end()
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
    return readSync(fd, magic, 0, 2, 0) === 2 && looksGzipped(magic)
  } finally {
    closeSync(fd)
  }
}
