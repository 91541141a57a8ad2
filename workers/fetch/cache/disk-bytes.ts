import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { aboutName, contentName } from './places.ts'

const blockBytes = 512

/** What an entry takes of the disk, as `du` counts. Where blocks are given out late, as ZFS does, at least what is in its files. */
export function diskBytesOf (folder: string): number {
  const { blocks } = lstatSync(folder)
  return blocks * blockBytes + fileBytes(join(folder, contentName)) + fileBytes(join(folder, aboutName))
}

function fileBytes (path: string): number {
  const { blocks, size } = lstatSync(path)
  return Math.max(blocks * blockBytes, size)
}
