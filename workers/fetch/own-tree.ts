import { lchownSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FileOwner } from '../../src/pool/jobs.ts'

/** Chowns are quick, and synchronous; after so many, others of this thread have their turn. */
const atOnce = 1_000

/** Gives all that is below a folder to its owner, links themselves and not what they lead to. Files that others share stay as they are. */
export async function ownTree (root: string, { uid, gid }: FileOwner, isShared: (path: string) => boolean, signal: AbortSignal): Promise<void> {
  const folders = [root]
  let done = 0
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (!isShared(path)) lchownSync(path, uid, gid)
      if (entry.isDirectory()) folders.push(path)
      if (++done % atOnce === 0) await nextTurn()
      signal.throwIfAborted()
    }
  }
}
