import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { AgentError } from '../../src/model/errors.ts'
import type { Input, KnownContainer, Output } from '../../src/pool/jobs.ts'
import { processesIn, type Cgroups, type ContainerCgroups } from './cgroups.ts'
import { layoutOf, processFile } from './container-process.ts'
import { listProcesses } from './count-processes.ts'
import { noCgroups } from './isolate-container.ts'
import { codeOf, readKernelFile, writeKernelFile } from './kernel-file.ts'

export type Kill = (pid: number, signal: NodeJS.Signals) => void
export const realKill: Kill = (pid, signal) => { process.kill(pid, signal) }

/** SIGKILL works at once, but a process that is in the kernel takes its time, and one that forks is met again. */
const rounds = 20
const roundMs = 5

/**
 * Signals a container past its engine: SIGTERM goes to its first process, as the engine has it, SIGKILL to all. Without a signal it only counts. Which
 * processes are its own is read from its cgroup right before: a number that was given away meanwhile is nobody's to kill. NOT_FOUND: it has no
 * cgroups (any more); NOT_ALLOWED: they are not ours to signal.
 */
export async function signalContainer (cgroups: Cgroups, input: Input<'signal'>, kill: Kill = realKill): Promise<Output<'signal'>> {
  const found = cgroups.find(input)
  if (found === undefined) throw noCgroups(input.engineId)
  const target: Target = { root: cgroups.root, container: input, found, kill }
  const isSent = input.signal === undefined || (input.signal === 'SIGTERM' ? terminate(target) : await killAll(target))
  const processes = processesIn(found) ?? 0
  if (!isSent && processes > 0) throw new AgentError('NOT_ALLOWED', 'none of its processes can be told from those of others here')
  return { processes }
}

interface Target { readonly root: string, readonly container: KnownContainer, readonly found: ContainerCgroups, readonly kill: Kill }

function terminate (target: Target): boolean {
  const first = firstProcess(target)
  return first !== undefined && killIfIts(target, first, 'SIGTERM')
}

/** Whether any was sent. */
async function killAll (target: Target): Promise<boolean> {
  let isSent = killWhole(target.found)
  for (let round = 0; round < rounds; round++) {
    const all = processesOf(target.found)
    if (all.length === 0) break
    // The first one takes its whole process namespace along, in one go; the rest is of containers that have none of their own.
    const first = firstProcess(target)
    const order = first === undefined ? all : [first, ...all.filter(pid => pid !== first)]
    for (const pid of order) isSent = killIfIts(target, pid, 'SIGKILL') || isSent
    thaw(target.found)
    await wait(roundMs)
  }
  return isSent
}

/** cgroup v2 since Linux 5.14: all at once, those that are just being forked too. */
function killWhole ({ v1, unified }: ContainerCgroups): boolean {
  const path = v1.size === 0 && unified !== undefined ? join(unified, 'cgroup.kill') : undefined
  if (path === undefined || !existsSync(path)) return false
  try {
    writeFileSync(path, '1', { flag: 'r+' })
    return true
  } catch {
    return false      // one by one, then
  }
}

/** One that is paused dies when it goes on. */
function thaw ({ v1 }: ContainerCgroups): void {
  const folder = v1.get('freezer')
  const path = folder && join(folder, 'freezer.state')
  if (path === undefined || (readKernelFile(path) ?? 'THAWED').trim() === 'THAWED') return
  writeKernelFile(path, 'THAWED')
}

/** Process 1 of its namespace; in the host's namespace, what the engine told of it. */
function firstProcess ({ root, container, found }: Target): number | undefined {
  if (container.pid !== undefined && layoutOf(root, container) !== undefined) return container.pid
  const all = processesOf(found)
  return all.find(pid => /^NSpid:.*\t1$/m.test(readKernelFile(processFile(root, pid, 'status')) ?? '')) ?? all[0]
}

/** 0 is one outside of our process namespace: to kill, it would be ourselves. */
function processesOf ({ v1, unified }: ContainerCgroups): number[] {
  const folder = v1.get('freezer') ?? v1.get('pids') ?? [...v1.values()][0] ?? unified
  return folder === undefined ? [] : listProcesses(folder).filter(pid => pid > 1 && pid !== process.pid)
}

function killIfIts ({ root, container, kill }: Target, pid: number, signal: NodeJS.Signals): boolean {
  if (pid <= 1 || pid === process.pid || layoutOf(root, { ...container, pid }) === undefined) return false
  try {
    kill(pid, signal)
    return true
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ESRCH') return true
    throw new AgentError('NOT_ALLOWED', `${signal} to process ${pid} of the container: ${code}`)
  }
}
