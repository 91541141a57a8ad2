import { join } from 'node:path'
import { inProportion, isLimited } from '../../src/model/memory-proportion.ts'
import type { ContainerCgroups } from './cgroups.ts'
import { readKernelFile } from './kernel-file.ts'

/** One file of the kernel's, and what it shall say. */
export interface Step { readonly path: string, readonly value: number }

/** The files of one version of cgroups that hang on the limit of memory. v1's swap limit counts memory as well, and must never be below it. */
export interface MemoryFiles {
  readonly folder: string
  readonly usage: string
  readonly limit: string
  readonly swap: string
  readonly soft: string
  /** In memory.stat: page cache that nobody has used for a while. */
  readonly droppable: string
}

export function memoryFilesOf ({ v1, unified }: ContainerCgroups): MemoryFiles | undefined {
  const folder = v1.get('memory')
  if (folder !== undefined) {
    return {
      folder, usage: 'memory.usage_in_bytes', limit: 'memory.limit_in_bytes', swap: 'memory.memsw.limit_in_bytes',
      soft: 'memory.soft_limit_in_bytes', droppable: 'total_inactive_file',
    }
  }
  if (unified === undefined) return undefined
  return { folder: unified, usage: 'memory.current', limit: 'memory.max', swap: 'memory.swap.max', soft: 'memory.low', droppable: 'inactive_file' }
}

/** In the order in which the kernel takes them: upwards the outer limit first, downwards the inner one. */
export function memorySteps ({ folder, limit, swap, soft }: MemoryFiles, memoryBytes: number): Step[] {
  const now = bytesIn(folder, limit)
  if (now === undefined) return []
  const scaled = (file: string): Step[] => {
    const bytes = bytesIn(folder, file)
    return bytes === undefined || !isLimited(bytes) ? [] : [{ path: join(folder, file), value: inProportion(bytes, now, memoryBytes) }]
  }
  const hard = { path: join(folder, limit), value: memoryBytes }
  return [...(memoryBytes > now ? [...scaled(swap), hard] : [hard, ...scaled(swap)]), ...scaled(soft)]
}

/** What it uses and cannot give back at once, and what it can; undefined where the kernel does not tell. */
export function memoryInUse ({ folder, usage, droppable }: MemoryFiles): { bytes: number, droppableBytes: number } | undefined {
  const total = bytesIn(folder, usage)
  if (total === undefined) return undefined
  const cache = new RegExp(`^${droppable} (\\d+)$`, 'm').exec(readKernelFile(join(folder, 'memory.stat')) ?? '')
  const droppableBytes = Math.min(total, Number(cache?.[1] ?? 0))
  return { bytes: total - droppableBytes, droppableBytes }
}

/** Infinity where it says that there is no limit. */
export function bytesIn (folder: string, file: string): number | undefined {
  const text = readKernelFile(join(folder, file))?.trim()
  if (text === undefined) return undefined
  return /^\d+$/.test(text) && isLimited(Math.max(1, Number(text))) ? Number(text) : Infinity
}
