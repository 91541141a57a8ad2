import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'

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

/** In one write, as the kernel wants it. A file that is not there is not made. Throws what the kernel says. */
export function writeKernelFile (path: string, text: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_TRUNC)
  try {
    writeSync(file, text)
  } finally {
    closeSync(file)
  }
}

export function codeOf (error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}
