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
const realKill: Kill = (pid, signal) => { process.kill(pid, signal) }

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
  if (input.signal === 'SIGTERM') terminate(cgroups.root, input, found, kill)
  if (input.signal === 'SIGKILL') await killAll(cgroups.root, input, found, kill)
  return { processes: processesIn(found) ?? 0 }
}

function terminate (root: string, container: KnownContainer, found: ContainerCgroups, kill: Kill): void {
  const first = firstProcess(root, container, found)
  if (first !== undefined) killIfIts(root, { ...container, pid: first }, 'SIGTERM', kill)
}

async function killAll (root: string, container: KnownContainer, found: ContainerCgroups, kill: Kill): Promise<void> {
  const whole = found.v1.size === 0 && found.unified !== undefined ? join(found.unified, 'cgroup.kill') : undefined
  if (whole !== undefined && existsSync(whole)) writeFileSync(whole, '1', { flag: 'r+' })
  for (let round = 0; round < rounds; round++) {
    const first = firstProcess(root, container, found)
    const all = processesOf(found)
    if (all.length === 0) return
    // The first one takes its whole process namespace along, in one go; the rest is of containers that have none of their own.
    const order = first === undefined ? all : [first, ...all.filter(pid => pid !== first)]
    for (const pid of order) killIfIts(root, { ...container, pid }, 'SIGKILL', kill)
    thaw(found)
    await wait(roundMs)
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
function firstProcess (root: string, container: KnownContainer, found: ContainerCgroups): number | undefined {
  if (container.pid !== undefined && layoutOf(root, container) !== undefined) return container.pid
  const all = processesOf(found)
  return all.find(pid => /^NSpid:.*\t1$/m.test(readKernelFile(processFile(root, pid, 'status')) ?? '')) ?? all[0]
}

/** 0 is one outside of our process namespace: to kill, it would be ourselves. */
function processesOf ({ v1, unified }: ContainerCgroups): number[] {
  const folder = v1.get('freezer') ?? v1.get('pids') ?? [...v1.values()][0] ?? unified
  return folder === undefined ? [] : listProcesses(folder).filter(pid => pid > 1 && pid !== process.pid)
}

function killIfIts (root: string, container: KnownContainer & { readonly pid: number }, signal: NodeJS.Signals, kill: Kill): void {
  if (container.pid <= 1 || container.pid === process.pid || layoutOf(root, container) === undefined) return
  try {
    kill(container.pid, signal)
  } catch (error) {
    const code = codeOf(error)
    if (code !== 'ESRCH') throw new AgentError('NOT_ALLOWED', `${signal} to process ${container.pid} of the container: ${code}`)
  }
}
