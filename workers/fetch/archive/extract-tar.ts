import { AgentError } from '../../../src/model/errors.ts'
import { compressionIn, compressionOf } from './compression.ts'
import { decompressed } from './decompress.ts'
import type { Budget } from './limits.ts'
import { startTarParser } from './tar-parser.ts'
import type { TreeWriter } from './tree-writer.ts'

/** Unfolds a tar file, compressed or not, whatever its name says. */
export async function extractTar (path: string, tree: TreeWriter, budget: Budget, signal: AbortSignal): Promise<void> {
  const compression = compressionOf(path)
  using parser = startTarParser(tree)
  let bytes = 0
  for await (const chunk of decompressed(path, compression, signal)) {
    signal.throwIfAborted()
    if (bytes === 0 && compression !== undefined && compressionIn(chunk) !== undefined) throw new AgentError('FETCH_FAILED', 'it is compressed twice')
    budget.unfolded(bytes += chunk.length)
    parser.write(chunk)
    if (parser.isOver) return       // what follows the end mark would only pile up in memory
  }
  parser.end()
}
