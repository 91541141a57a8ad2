import { AgentError } from '../../../src/model/errors.ts'
import { translateFailure } from '../translate-failure.ts'
import { extractTar } from './extract-tar.ts'
import { extractZip } from './extract-zip.ts'
import type { ArchiveFormat } from './format.ts'
import type { ArchiveLimits } from './limits.ts'
import { TreeWriter } from './tree-writer.ts'

export interface Archive { readonly path: string, readonly format: ArchiveFormat, readonly limits: ArchiveLimits }

/** Unfolds an archive below a private folder; gives the names of its symbolic links. On failure the folder holds what had come by then. */
export async function extract ({ path, format, limits }: Archive, root: string, signal: AbortSignal): Promise<string[]> {
  const tree = new TreeWriter(root, limits)
  try {
    await (format === 'tar' ? extractTar(path, tree, limits, signal) : extractZip(path, tree, signal))
    return tree.finish()
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const { code, message, detail } = translateFailure(error)
    throw new AgentError(code, `cannot be extracted: ${message}`, detail)
  }
}
