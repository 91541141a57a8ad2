import { statSync } from 'node:fs'
import { AgentError } from '../../../src/model/errors.ts'
import { compressionOf } from './compression.ts'
import { decompressed } from './decompress.ts'
import type { TreeWriter } from './tree-writer.ts'

/** Unfolds one compressed file beside it. */
export async function extractSingle (path: string, name: string, tree: TreeWriter, signal: AbortSignal): Promise<void> {
  const compression = compressionOf(path)
  if (compression === undefined) throw new AgentError('FETCH_FAILED', 'it is not compressed with gzip, bzip2, xz or zstd')
  using file = tree.file(name)
  for await (const chunk of decompressed(path, compression, signal)) {
    signal.throwIfAborted()
    file.append(chunk)
  }
  file.finish(statSync(path).mode & 0o777)
}
