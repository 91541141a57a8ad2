import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FoundSandbox, Input, Output } from '../../src/pool/jobs.ts'
import { discardedPrefix, temporaryPrefix } from './names.ts'
import { diskUse } from './disk-use.ts'

/** Reading is sync; after so many sandboxes a cancel has its turn. */
const sandboxesAtOnce = 100

/** All sandboxes below the work directory, of earlier agents too, and how full its disk is. What goes while we look is left out. */
export async function findSandboxes ({ workDir }: Input<'sandboxes'>, signal: AbortSignal): Promise<Output<'sandboxes'>> {
  const found: FoundSandbox[] = []
  for (const runs of runFolders(workDir)) {
    for (const name of foldersIn(runs)) {
      found.push(describe(runs, name))
      if (found.length % sandboxesAtOnce === 0) await nextTurn()
      signal.throwIfAborted()
    }
  }
  return { usedRatio: diskUse(workDir), found }
}

/** <work dir>/slaves/<agent>/frameworks/<framework>/executors/<executor>/runs */
function * runFolders (workDir: string): Generator<string> {
  const slaves = join(workDir, 'slaves')
  for (const agent of foldersIn(slaves)) {
    const frameworks = join(slaves, agent, 'frameworks')
    for (const framework of foldersIn(frameworks)) {
      const executors = join(frameworks, framework, 'executors')
      for (const executor of foldersIn(executors)) yield join(executors, executor, 'runs')
    }
  }
}

function describe (runs: string, name: string): FoundSandbox {
  const path = join(runs, name)
  const isDiscarded = name.startsWith(discardedPrefix)
  return {
    path,
    containerId: isDiscarded ? name.slice(discardedPrefix.length) : name,
    isDiscarded,
    usedAtMs: Math.max(...[path, join(path, 'stdout'), join(path, 'stderr')].map(lastChange)),
    temporary: isDiscarded ? [] : foldersIn(path).filter(inside => inside.startsWith(temporaryPrefix)),
  }
}

/** A container can set the times of its files: into the future it does not get, for no inode has changed later than the kernel says. */
function lastChange (path: string): number {
  try {
    const { mtimeMs, ctimeMs } = lstatSync(path)
    return Math.min(mtimeMs, ctimeMs)
  } catch {
    return 0
  }
}

/** Links are none. */
function foldersIn (path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name)
  } catch {
    return []
  }
}
