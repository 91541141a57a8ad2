import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { AgentError } from '../../src/model/errors.ts'
import type { Input, Output } from '../../src/pool/jobs.ts'
import { isWhole, type Cgroups, type ContainerCgroups } from './cgroups.ts'
import { clampShares, weightsOf } from './cpu-weight.ts'
import { codeOf, readKernelFile } from './kernel-file.ts'

/** The largest page of the architectures that an engine runs on; the kernel rounds a memory limit down to whole pages. */
const maxPageBytes = 65_536

/** One file of the kernel's, and what it should say. */
interface Check { readonly path: string, readonly expected: string, isRight (actual: string): boolean }

/**
 * Writes what the engine's API cannot express, and looks whether the kernel has the limits that the engine was given. A difference is
 * data; NOT_FOUND means that the container has no cgroups (any more): a short one may have ended by now.
 */
export function isolateContainer (cgroups: Cgroups, { engineId, pid, limits }: Input<'isolate'>): Output<'isolate'> {
  const found = cgroups.find({ engineId, pid })
  if (found === undefined) throw noCgroups(engineId)
  const outcome: Output<'isolate'> = { wrote: [], verified: [], differs: [] }
  writeOomGroup(found, outcome)
  for (const check of checksOf(found, limits)) verify(check, outcome)
  if (!isWhole(found)) throw noCgroups(engineId)
  return outcome
}

export function noCgroups (engineId: string): AgentError {
  return new AgentError('NOT_FOUND', `no cgroup of container ${engineId.slice(0, 12)} is to be found`, { engineId })
}

/** Out of memory, a container of cgroup v2 shall end whole: with one process killed it might go on crippled. v1 has no such thing. */
function writeOomGroup ({ v1, unified }: ContainerCgroups, outcome: Output<'isolate'>): void {
  if (unified === undefined || v1.has('memory')) return
  const path = join(unified, 'memory.oom.group')
  const before = readKernelFile(path)?.trim()
  if (before === undefined) return      // a kernel before 4.19, or no memory controller here
  let refusal = ''
  if (before !== '1') {
    try {
      writeFileSync(path, '1', { flag: 'r+' })
      outcome.wrote.push(basename(path))
    } catch (error) {
      refusal = codeOf(error)
    }
  }
  verify({ path, expected: '1', isRight: actual => actual === '1' }, outcome, refusal)
}

function checksOf ({ v1, unified }: ContainerCgroups, { cpuShares, memoryBytes, cpuQuotaMicros }: Input<'isolate'>['limits']): Check[] {
  const file = (controller: string, nameOfV1: string, nameOfV2: string): string => {
    const folder = v1.get(controller)
    return folder === undefined ? join(unified ?? '', nameOfV2) : join(folder, nameOfV1)
  }
  const memory: Check = {
    path: file('memory', 'memory.limit_in_bytes', 'memory.max'),
    expected: String(memoryBytes),
    isRight: actual => Number(actual) <= memoryBytes && Number(actual) > memoryBytes - maxPageBytes,
  }
  const rightCpu = v1.has('cpu') ? [clampShares(cpuShares)] : weightsOf(cpuShares)
  const cpu: Check = {
    path: file('cpu', 'cpu.shares', 'cpu.weight'),
    expected: rightCpu.join(' or '),
    isRight: actual => rightCpu.includes(Number(actual)),
  }
  const quota: Check = {
    path: file('cpu', 'cpu.cfs_quota_us', 'cpu.max'),
    expected: String(cpuQuotaMicros),
    isRight: actual => Number(actual.split(' ')[0]) === cpuQuotaMicros,
  }
  // Zero is the engine's word for "no limit" and "your default".
  return [...(memoryBytes > 0 ? [memory] : []), ...(cpuShares > 0 ? [cpu] : []), ...(cpuQuotaMicros === undefined ? [] : [quota])]
}

function verify ({ path, expected, isRight }: Check, outcome: Output<'isolate'>, refusal = ''): void {
  const actual = readKernelFile(path)?.trim()
  const file = basename(path)
  if (actual !== undefined && isRight(actual)) outcome.verified.push(file)
  else outcome.differs.push({ file, expected, actual: [actual ?? 'no such file', refusal].filter(Boolean).join(', write refused: ') })
}
