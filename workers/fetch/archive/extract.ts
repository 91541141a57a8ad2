import { statSync } from 'node:fs'
import type { ArchiveLimits } from '../../../src/model/archive-limits.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { translateFailure } from '../translate-failure.ts'
import { extractSingle } from './extract-single.ts'
import { extractTar } from './extract-tar.ts'
import { extractZip } from './extract-zip.ts'
import { unpackedName, type ArchiveFormat } from './format.ts'
import { Budget } from './limits.ts'
import { TreeWriter } from './tree-writer.ts'

export interface Archive {
  readonly path: string
  readonly format: ArchiveFormat
  readonly limits: ArchiveLimits
  /** What it is called in the sandbox. */
  readonly name: string
}

/** Unfolds an archive below a private folder; gives the names of its symbolic links. On failure the folder holds what had come by then. */
export async function extract ({ path, format, limits, name }: Archive, root: string, signal: AbortSignal): Promise<string[]> {
  try {
    const budget = new Budget(limits, statSync(path).size)
    const tree = new TreeWriter(root, budget)
    if (format === 'tar') await extractTar(path, tree, budget, signal)
    else if (format === 'zip') await extractZip(path, tree, signal)
    else await extractSingle(path, unpackedName(name), tree, signal)
    return tree.finish()
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const { code, message, detail } = translateFailure(error)
    throw new AgentError(code, `cannot be extracted: ${message}`, detail)
  }
}
