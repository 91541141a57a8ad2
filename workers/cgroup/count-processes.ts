import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readKernelFile } from './kernel-file.ts'

/** A container that may write cgroups can nest them as it likes; this many are looked at. */
const maxFolders = 1_000

/** Processes of a cgroup and of those nested in it; undefined when it is gone. */
export function countProcesses (cgroup: string): number | undefined {
  let count: number | undefined
  for (const pids of processLists(cgroup)) count = (count ?? 0) + pids.length
  return count
}

/** The same by their numbers; 0 is one that our process namespace does not show. */
export function listProcesses (cgroup: string): number[] {
  return [...processLists(cgroup)].flat().map(Number)
}

/** Their ids, folder by folder. */
export function * processLists (cgroup: string): Generator<string[]> {
  const folders = [cgroup]
  for (let at = 0; at < folders.length; at++) {
    const folder = folders[at]!
    const processes = readKernelFile(join(folder, 'cgroup.procs'))
    if (processes !== undefined) yield processes.split('\n').slice(0, -1)
    folders.push(...nestedIn(folder).slice(0, maxFolders - folders.length))
  }
}

function nestedIn (folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => join(folder, entry.name))
  } catch {
    return []     // gone meanwhile
  }
}
