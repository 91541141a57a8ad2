import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TcpSocket } from '../../src/model/tcp-socket.ts'
import type { KnownContainer } from '../../src/pool/jobs.ts'
import { processIdsOf, type Cgroups } from './cgroups.ts'
import { processFile } from './container-process.ts'
import { inodesOf } from './tcp-table.ts'

/** A container may open files without end: this many are looked at, of all containers together. */
const maxFiles = 100_000

/** What is still to be looked at, over all containers. */
interface Budget { files: number }

/** The container that holds the socket (all sockets, where a listener may be any of several). Only what one of its processes has open counts. */
export async function socketOwner (
  cgroups: Cgroups, containers: readonly KnownContainer[], socket: TcpSocket, signal: AbortSignal,
): Promise<number | undefined> {
  const inodes = inodesOf(cgroups.root, socket)
  if (inodes.length === 0) return undefined
  const budget = { files: maxFiles }
  for (const [at, container] of containers.entries()) {
    await nextTurn()        // reading is sync: a cancel, or another job of this thread, gets its turn
    signal.throwIfAborted()
    if (holds(cgroups, container, { inodes, budget })) return at
  }
  return undefined
}

function holds (cgroups: Cgroups, container: KnownContainer, { inodes, budget }: { inodes: readonly string[], budget: Budget }): boolean {
  const found = cgroups.find(container)
  if (found === undefined) return false
  const missing = new Set(inodes.map(inode => `socket:[${inode}]`))
  for (const pids of processIdsOf(found)) {
    for (const pid of pids) {
      for (const link of openFiles(cgroups.root, Number(pid), budget)) missing.delete(link)
      if (missing.size === 0) return true
    }
  }
  return false
}

/** What a process has open, as links; nothing of one that has ended, or that we may not look at. */
function * openFiles (root: string, pid: number, budget: Budget): Generator<string> {
  const folder = processFile(root, pid, 'fd')
  for (const file of listed(folder)) {
    if (budget.files-- <= 0) return
    const link = linkAt(join(folder, file))
    if (link !== undefined) yield link
  }
}

function listed (folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function linkAt (path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined      // closed meanwhile
  }
}
