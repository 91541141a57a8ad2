import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { KnownContainer } from '../../src/pool/jobs.ts'
import { readKernelFile } from './kernel-file.ts'
import { layoutIn, type Layout } from './layout.ts'

/** What its process tells of its cgroup; undefined when there is no such process, or it is not (no longer) one of this container. */
export function layoutOf (root: string, { engineId, pid }: KnownContainer): Layout | undefined {
  const text = pid === undefined ? undefined : readKernelFile(processFile(root, pid, 'cgroup'))
  return text === undefined ? undefined : layoutIn(text, engineId)
}

/** Its network counters, interface by interface; undefined when they are not its own: on host networking, or when the pid is not its. */
export function readNetworkTable (root: string, container: KnownContainer): string | undefined {
  if (container.pid === undefined || layoutOf(root, container) === undefined) return undefined
  const namespace = networkNamespace(root, container.pid)
  if (namespace !== undefined && namespace === networkNamespace(root, 'self')) return undefined
  return readKernelFile(processFile(root, container.pid, 'net/dev'))
}

export function processFile (root: string, pid: number | 'self', file: string): string {
  return join(root, 'proc', String(pid), file)
}

/** "net:[4026531840]"; undefined when we may not know. */
function networkNamespace (root: string, pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(processFile(root, pid, 'ns/net'))
  } catch {
    return undefined
  }
}
