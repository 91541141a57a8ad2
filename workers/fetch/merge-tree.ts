import { lstatSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { AgentError } from '../../src/model/errors.ts'

/**
 * Moves what is in one folder into another of the same file system. Folders that are in both are merged, files take the place of files;
 * nothing is looked up through a link. What was not there before is told, outermost first.
 */
export function mergeTree (from: string, to: string, onNew: (path: string) => void = () => {}): void {
  for (const name of readdirSync(from)) {
    const source = join(from, name)
    const target = join(to, name)
    const old = lstatSync(target, { throwIfNoEntry: false })
    if (old === undefined) onNew(target)
    const isFolder = lstatSync(source).isDirectory()
    if (old !== undefined && old.isDirectory() !== isFolder) {
      throw new AgentError('FETCH_FAILED', `${JSON.stringify(name)} would be a file, and a folder as well`)
    }
    if (old !== undefined && isFolder) mergeTree(source, target, onNew)
    else renameSync(source, target)
  }
}
