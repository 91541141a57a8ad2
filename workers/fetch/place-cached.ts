import { chmodSync, constants, copyFileSync, linkSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { CachedFile } from '../../src/model/fetch-cache.ts'
import { openLocalFile } from './local-file.ts'
import { createFile } from './new-file.ts'

const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = constants
const permissions = 0o777

/**
 * Puts a cached file where there is none: as a clone, which shares the disk's blocks until one of them is written, else as a link where that
 * is allowed, else as a copy. Answers whether the file itself is shared: then its owner and mode are not to be touched.
 */
export async function placeCached ({ path, mayLink }: CachedFile, target: string, mode: number | undefined, signal: AbortSignal): Promise<boolean> {
  const ownMode = statSync(path).mode & permissions
  const wanted = mode ?? ownMode
  mkdirSync(dirname(target), { recursive: true })
  if (isDone(() => { copyFileSync(path, target, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE) })) {
    chmodSync(target, wanted)
    return false
  }
  if (mayLink && wanted === ownMode && isDone(() => { linkSync(path, target) })) return true
  using file = createFile(target)
  for await (const chunk of openLocalFile(path).chunks) {
    signal.throwIfAborted()
    file.append(chunk)
  }
  file.finish(wanted)
  return false
}

/** File systems have many ways to say that they cannot: the copy that follows says what is really wrong. */
function isDone (way: () => void): boolean {
  try {
    way()
    return true
  } catch {
    return false
  }
}
