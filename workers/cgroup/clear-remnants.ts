import { readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { AgentError } from '../../src/model/errors.ts'
import type { Input, Output } from '../../src/pool/jobs.ts'
import { foldersOf, type Cgroups } from './cgroups.ts'
import { layoutOf, processFile } from './container-process.ts'
import { codeOf, readKernelFile } from './kernel-file.ts'
import { realKill, type Kill } from './signal-container.ts'

const rounds = 20
const roundMs = 25

/**
 * Ends what still runs of containers that their engine does not have any more: one that dies in the middle of a start forgets the shim, what is in the
 * container's cgroup, and the runtime that may still put more there. The shim goes first: it begins nothing new then, and containerd takes away what it
 * has of the container. NOT_ALLOWED: they are not ours to end.
 */
export async function clearRemnants (cgroups: Cgroups, { engineIds }: Input<'clear'>, kill: Kill = realKill): Promise<Output<'clear'>> {
  const wanted = new Set(engineIds.filter(id => /^[0-9a-f]{64}$/.test(id)))
  const killed = new Set<number>()
  const folders = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    const found = remnantsOf(cgroups.root, wanted)
    if (found.length === 0) break
    for (const { pid, engineId } of found) for (const folder of foldersOf(cgroups.find({ engineId, pid }))) folders.add(folder)
    for (const { pid } of found) {
      end(pid, kill)
      killed.add(pid)
    }
    await wait(roundMs)
  }
  for (const folder of folders) removeEmpty(folder)
  return { killed: killed.size }
}

interface Remnant { readonly pid: number, readonly engineId: string }
interface Seen extends Remnant { readonly rank: number }

/** Shims first, then their children, then what is in the cgroups. */
function remnantsOf (root: string, wanted: ReadonlySet<string>): Remnant[] {
  const pids = readdirSync(join(root, 'proc')).map(Number).filter(pid => pid > 1 && pid !== process.pid)
  const shims = new Map(pids.flatMap(pid => shimOf(root, pid, wanted)))
  const found = pids.flatMap((pid): Seen[] => {
    const shim = shims.get(pid)
    if (shim !== undefined) return [{ pid, engineId: shim, rank: 0 }]
    const parents = shims.size === 0 ? undefined : ancestorIn(root, pid, shims)
    if (parents !== undefined) return [{ pid, engineId: parents, rank: 1 }]
    const engineId = containerOf(root, pid, wanted)
    return engineId === undefined ? [] : [{ pid, engineId, rank: 2 }]
  })
  return found.filter(({ pid }) => !isZombie(root, pid)).sort((one, other) => one.rank - other.rank)
}

/**
 * "containerd-shim-runc-v2 -namespace moby -id ID …", or the older "containerd-shim … -workdir …/ID …". With the word "delete" it takes away what a dead one
 * has left, and ends by itself.
 */
function shimOf (root: string, pid: number, wanted: ReadonlySet<string>): Array<[number, string]> {
  if (readKernelFile(processFile(root, pid, 'comm'))?.startsWith('containerd-shim') !== true) return []
  const words = (readKernelFile(processFile(root, pid, 'cmdline')) ?? '').split('\0').slice(0, -1)
  const engineId = words.map(word => word.slice(word.lastIndexOf('/') + 1)).find(word => wanted.has(word))
  return engineId === undefined || words.at(-1) === 'delete' ? [] : [[pid, engineId]]
}

/** A shim has the runtime as its child, and that may have children as well. */
const maxDepth = 5

function ancestorIn (root: string, pid: number, shims: ReadonlyMap<number, string>): string | undefined {
  let at = pid
  for (let depth = 0; depth < maxDepth && at > 1; depth++) {
    at = Number(/^PPid:\t(\d+)$/m.exec(readKernelFile(processFile(root, at, 'status')) ?? '')?.[1] ?? 0)
    const engineId = shims.get(at)
    if (engineId !== undefined) return engineId
  }
  return undefined
}

function containerOf (root: string, pid: number, wanted: ReadonlySet<string>): string | undefined {
  const text = readKernelFile(processFile(root, pid, 'cgroup')) ?? ''
  const named = /[0-9a-f]{64}/g
  const engineId = text.match(named)?.find(id => wanted.has(id))
  return engineId !== undefined && layoutOf(root, { engineId, pid }) !== undefined ? engineId : undefined
}

/** It has ended, and nobody has asked how. */
function isZombie (root: string, pid: number): boolean {
  return /^State:\tZ/m.test(readKernelFile(processFile(root, pid, 'status')) ?? '')
}

function end (pid: number, kill: Kill): void {
  try {
    kill(pid, 'SIGKILL')
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw new AgentError('NOT_ALLOWED', `SIGKILL to process ${pid}, which is left of a container: ${codeOf(error)}`)
  }
}

/** A cgroup goes by rmdir alone, once it is empty; whoever else takes it away is as welcome. */
function removeEmpty (folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeEmpty(join(folder, entry.name))
    rmdirSync(folder)
  } catch {
    // gone, or not empty
  }
}
