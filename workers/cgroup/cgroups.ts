import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { KnownContainer } from '../../src/pool/jobs.ts'
import { layoutOf, processFile } from './container-process.ts'
import { countProcesses, processLists } from './count-processes.ts'
import { folderOf, parseHierarchies, type Hierarchies, type Hierarchy } from './hierarchies.ts'
import { readKernelFile } from './kernel-file.ts'
import { pathIn, usualLayouts, type Layout } from './layout.ts'

/** The folders of one container. */
export interface ContainerCgroups {
  /** By controller of cgroup v1. */
  readonly v1: ReadonlyMap<string, string>
  readonly unified: string | undefined
  /** It is missing in a hierarchy that is mounted: its engine does not use that one, or is about to take the container away. */
  readonly isPartial: boolean
}

export interface Cgroups {
  /** Above /proc and the mount points of the cgroup file systems: '/' but for recorded trees. */
  readonly root: string
  /** undefined: there are none (any more). */
  find (container: KnownContainer): ContainerCgroups | undefined
}

/** Every container may have a cgroup parent of its own. */
const maxRecent = 8

/** Mounts are read once; layouts are learned, the last that fitted is tried first. */
export function openCgroups (root: string): Cgroups {
  let recent: Layout[] = []
  let hierarchies: Hierarchies | undefined

  function known (): Hierarchies {
    if (hierarchies !== undefined) return hierarchies
    const mountinfo = readKernelFile(processFile(root, 'self', 'mountinfo')) ?? ''
    const read = parseHierarchies(mountinfo, readKernelFile(join(root, 'proc/cgroups')) ?? '')
    // As long as nothing is mounted, nothing is learned.
    if (read.v1.size > 0 || read.unified !== undefined) hierarchies = read
    return read
  }

  function * candidates (container: KnownContainer): Generator<Layout> {
    yield * [...recent, ...usualLayouts]
    const told = layoutOf(root, container)
    if (told !== undefined) yield told
  }

  return {
    root,
    find (container) {
      if (!isEngineId(container.engineId)) return undefined
      for (const layout of candidates(container)) {
        const found = foldersAt(root, known(), pathIn(layout, container.engineId))
        if (found === undefined) continue
        recent = [layout, ...recent.filter(other => other !== layout)].slice(0, maxRecent)
        return found
      }
      return undefined
    },
  }
}

/**
 * The cgroups of a container that has ended are taken away at any time, one after the other: what was read is whole if all of them are
 * still there, and none was missing from the start.
 */
export function isWhole (found: ContainerCgroups): boolean {
  return foldersOf(found).every(folder => existsSync(folder)) && !(found.isPartial && processesIn(found) === 0)
}

/** Every hierarchy knows all of its processes. */
export function processesIn (found: ContainerCgroups): number | undefined {
  return countProcesses(foldersOf(found)[0]!)
}

export function processIdsOf (found: ContainerCgroups): Iterable<string[]> {
  return processLists(foldersOf(found)[0]!)
}

export function foldersOf (found: ContainerCgroups | undefined): string[] {
  if (found === undefined) return []
  const { v1, unified } = found
  return [...v1.values(), ...(unified === undefined ? [] : [unified])]
}

function foldersAt (root: string, hierarchies: Hierarchies, path: string): ContainerCgroups | undefined {
  const v1 = new Map<string, string>()
  for (const [controller, hierarchy] of hierarchies.v1) {
    const folder = existing(root, hierarchy, path)
    if (folder !== undefined) v1.set(controller, folder)
  }
  const unified = existing(root, hierarchies.unified, path)
  if (v1.size === 0 && unified === undefined) return undefined
  const isPartial = v1.size < hierarchies.v1.size || (unified === undefined && hierarchies.unified !== undefined)
  return { v1, unified, isPartial }
}

function existing (root: string, hierarchy: Hierarchy | undefined, path: string): string | undefined {
  const folder = hierarchy && folderOf(hierarchy, path)
  if (folder === undefined) return undefined
  const seen = join(root, folder)
  return existsSync(seen) ? seen : undefined
}

/** It becomes part of a path. */
function isEngineId (text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}
