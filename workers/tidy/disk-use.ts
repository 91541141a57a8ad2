import { statfsSync } from 'node:fs'

/** How full the file system is that holds this path: 0 to 1. What is kept for root counts as free, as Mesos has it. */
export function diskUse (path: string): number {
  const { blocks, bfree } = statfsSync(path)
  return blocks > 0 ? (blocks - bfree) / blocks : 0
}
