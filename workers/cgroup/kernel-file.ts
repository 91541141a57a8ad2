import { readFileSync } from 'node:fs'

/** It is not there (any more), this kernel cannot tell, or we may not know. Anything else, like too many open files, is our own trouble. */
const untold = new Set(['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO', 'ESRCH', 'EINVAL', 'EOPNOTSUPP', 'ENOTSUP', 'EACCES', 'EPERM'])

/**
 * The text of a file under /proc or of a cgroup; undefined when the kernel does not tell. Sync, for the threads of libuv are everybody's
 * and this one is ours.
 */
export function readKernelFile (path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (untold.has(codeOf(error))) return undefined
    throw error
  }
}

export function codeOf (error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}
