import { basename, join } from 'node:path'
import { AgentError } from '../../src/model/errors.ts'
import type { Input, Output } from '../../src/pool/jobs.ts'
import { isWhole, type Cgroups, type ContainerCgroups } from './cgroups.ts'
import { clampShares, weightsOf } from './cpu-weight.ts'
import { noCgroups } from './isolate-container.ts'
import { codeOf, readKernelFile, writeKernelFile } from './kernel-file.ts'
import { bytesIn, memoryFilesOf, memoryInUse, memorySteps, type MemoryFiles, type Step } from './memory-steps.ts'

const mb = 2 ** 20

/**
 * Writes new limits into the kernel's files, all or none. UPDATE_REFUSED: it uses more, or the kernel does not take them; NOT_FOUND: it
 * has no cgroups (any more). A lower limit may take its time: the kernel makes room first.
 */
export function updateLimits (cgroups: Cgroups, { engineId, pid, limits, previousCpuShares }: Input<'update'>): Output<'update'> {
  const found = cgroups.find({ engineId, pid })
  if (found === undefined) throw noCgroups(engineId)
  const memory = memoryFilesOf(found)
  if (memory !== undefined) refuseBelowUsage(memory, limits.memoryBytes)
  const ofMemory = memory === undefined ? [] : memorySteps(memory, limits.memoryBytes)
  const steps = [...ofMemory, ...cpuSteps(found, limits.cpuShares, previousCpuShares), ...quotaSteps(found, limits)]
  const wrote = write(steps)
  if (!isWhole(found)) throw noCgroups(engineId)
  return { wrote }
}

/** Under cgroup v2 the kernel would take the limit and end processes until it fits. */
function refuseBelowUsage (memory: MemoryFiles, memoryBytes: number): void {
  const now = bytesIn(memory.folder, memory.limit)
  const inUse = memoryInUse(memory)
  if (now === undefined || memoryBytes >= now || inUse === undefined || inUse.bytes <= memoryBytes) return
  const cache = inUse.droppableBytes >= mb ? `, and ${amount(inUse.droppableBytes)} of page cache that could go` : ''
  throw new AgentError('UPDATE_REFUSED', `a memory limit of ${amount(memoryBytes)} is below the ${amount(inUse.bytes)} that it uses${cache}`, {
    limitBytes: memoryBytes, usedBytes: inUse.bytes, droppableBytes: inUse.droppableBytes,
  })
}

function amount (bytes: number): string {
  return `${Math.round(bytes / mb * 10) / 10} MB`
}

/** The weight goes by the formula that the runtime has used for the weight that is there. */
function cpuSteps ({ v1, unified }: ContainerCgroups, shares: number, previousShares: number): Step[] {
  const folder = v1.get('cpu')
  if (folder !== undefined) return [{ path: join(folder, 'cpu.shares'), value: clampShares(shares) }]
  const path = join(unified ?? '', 'cpu.weight')
  const now = readKernelFile(path)
  if (now === undefined) return []
  const [curve, line] = weightsOf(shares)
  return [{ path, value: Number(now) === weightsOf(previousShares)[1] ? line : curve }]
}

/** Under cgroup v2 the period stands behind the quota, and stays when the quota alone is written. */
function quotaSteps ({ v1, unified }: ContainerCgroups, { cpuQuotaMicros }: Input<'update'>['limits']): Step[] {
  if (cpuQuotaMicros === undefined) return []
  const folder = v1.get('cpu')
  return [{ path: folder === undefined ? join(unified ?? '', 'cpu.max') : join(folder, 'cpu.cfs_quota_us'), value: cpuQuotaMicros }]
}

/** Puts back what was written when a later one is refused. */
function write (steps: readonly Step[]): string[] {
  const undo: Array<readonly [path: string, text: string]> = []
  for (const { path, value } of steps) {
    const before = readKernelFile(path)?.trim()
    if (before === undefined || before === String(value)) continue
    try {
      writeKernelFile(path, String(value))
      undo.unshift([path, before])
    } catch (error) {
      for (const [written, text] of undo) putBack(written, text)
      throw refused(path, value, codeOf(error))
    }
  }
  return undo.map(([path]) => basename(path)).reverse()
}

function putBack (path: string, text: string): void {
  try {
    writeKernelFile(path, text)
  } catch {
    // Whoever reads back will see it.
  }
}

function refused (path: string, value: number, code: string): AgentError {
  const isGone = code === 'ENOENT' || code === 'ENODEV'
  return new AgentError(isGone ? 'NOT_FOUND' : 'UPDATE_REFUSED', `the kernel does not take ${value} for ${basename(path)} (${code})`, { file: basename(path) })
}
