import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { KnownContainer } from '../../src/pool/jobs.ts'
import { layoutOf, processFile } from './container-process.ts'
import { folderOf, parseHierarchies, type Hierarchies, type Hierarchy } from './hierarchies.ts'
import { readKernelFile } from './kernel-file.ts'
import { pathIn, usualLayouts, type Layout } from './layout.ts'

/** The folders of one container. */
export interface ContainerCgroups {
  /** By controller of cgroup v1. */
  readonly v1: ReadonlyMap<string, string>
  readonly unified: string | undefined
}

export interface Cgroups {
  /** Above /proc and the mount points of the cgroup file systems: '/' but for recorded trees. */
  readonly root: string
  /** undefined: there are none (any more). */
  find (container: KnownContainer): ContainerCgroups | undefined
}

/** Mounts are read once; layouts are learned, the last that fitted is tried first. */
export function openCgroups (root: string): Cgroups {
  const layouts = [...usualLayouts]
  let hierarchies: Hierarchies | undefined

  function known (): Hierarchies {
    if (hierarchies !== undefined) return hierarchies
    const read = parseHierarchies(readKernelFile(processFile(root, 'self', 'mountinfo')) ?? '', readKernelFile(join(root, 'proc/cgroups')) ?? '')
    // As long as nothing is mounted, nothing is learned.
    if (read.v1.size > 0 || read.unified !== undefined) hierarchies = read
    return read
  }

  function findBy (layout: Layout, engineId: string): ContainerCgroups | undefined {
    const path = pathIn(layout, engineId)
    const v1 = new Map<string, string>()
    for (const [controller, hierarchy] of known().v1) {
      const folder = existing(root, hierarchy, path)
      if (folder !== undefined) v1.set(controller, folder)
    }
    const unified = existing(root, known().unified, path)
    return v1.size > 0 || unified !== undefined ? { v1, unified } : undefined
  }

  function * candidates (container: KnownContainer): Generator<Layout> {
    yield * [...layouts]
    const told = layoutOf(root, container)
    if (told !== undefined) yield told
  }

  function prefer (layout: Layout): void {
    if (layouts[0] === layout) return
    const others = layouts.filter(other => other !== layout)
    layouts.splice(0, layouts.length, layout, ...others)
  }

  return {
    root,
    find (container) {
      if (!isEngineId(container.engineId)) return undefined
      for (const layout of candidates(container)) {
        const found = findBy(layout, container.engineId)
        if (found === undefined) continue
        prefer(layout)
        return found
      }
      return undefined
    },
  }
}

/** The cgroups of a container may be taken away at any time, one after the other: what was read is whole if all of them are still there. */
export function isThere ({ v1, unified }: ContainerCgroups): boolean {
  return [...v1.values()].every(folder => existsSync(folder)) && (unified === undefined || existsSync(unified))
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
