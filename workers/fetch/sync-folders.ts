import { closeSync, constants, fsyncSync, lstatSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Waits until the names of files are on the disk, and those of the folders that they are in, down from this one. */
export function syncFolders (root: string, names: readonly string[]): void {
  const folders = new Set<string>([root])
  for (const name of names) for (let at = dirname(name); at !== '.'; at = dirname(at)) folders.add(join(root, at))
  for (const folder of folders) if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) syncFolder(folder)
}

function syncFolder (path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
