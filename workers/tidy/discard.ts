import { lstatSync, readdirSync, renameSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { recordPath } from '../../src/model/log-record.ts'
import type { Input, Output } from '../../src/pool/jobs.ts'
import { discardedPrefix } from './names.ts'
import { removeTree } from './remove-tree.ts'

const latest = 'latest'
/** runs, the executor, executors, the framework: as far up as they are empty. */
const parentsUp = 4

/** Removes one sandbox, or what a fetch left in one, and the folders above it that are empty then. Gone already is as good. */
export async function discard ({ path, isTemporary }: Input<'discardSandbox'>, signal: AbortSignal): Promise<Output<'discardSandbox'>> {
  if (isTemporary) return { entries: await removeTree(dirname(path), basename(path), signal) }
  const runs = dirname(path)
  const name = basename(path)
  const discarded = name.startsWith(discardedPrefix) ? name : discardedPrefix + name
  if (discarded !== name) tolerate(['ENOENT'], () => { renameSync(path, join(runs, discarded)) })
  const entries = await removeTree(runs, discarded, signal)
  forgetRecord(runs, discarded.slice(discardedPrefix.length))
  prune(runs)
  return { entries }
}

/** What was remembered of its log files lies beside it. */
function forgetRecord (runs: string, containerId: string): void {
  const record = recordPath(containerId)
  for (const name of namesIn(runs).filter(one => one.startsWith(record))) tolerate(['ENOENT'], () => { unlinkSync(join(runs, name)) })
}

function prune (runs: string): void {
  const names = namesIn(runs)
  const links = names.filter(name => name === latest || isLeftLink(name, names))
  if (links.length < names.length) return
  for (const link of links) tolerate(['ENOENT'], () => { unlinkSync(join(runs, link)) })
  let folder = runs
  for (let level = 0; level < parentsUp; level++, folder = dirname(folder)) {
    if (!tolerate(['ENOENT', 'ENOTEMPTY', 'EEXIST', 'EBUSY'], () => { rmdirSync(folder) })) break
  }
  relink(runs)
}

/** A sandbox that was made at this very moment may have had its link taken away. */
function relink (runs: string): void {
  const [name] = namesIn(runs).filter(one => one !== latest && !one.startsWith('.'))
  if (name === undefined || namesIn(runs).includes(latest) || !lstatSync(join(runs, name)).isDirectory()) return
  tolerate(['EEXIST', 'ENOENT'], () => { symlinkSync(join(runs, name), join(runs, latest)) })
}

/** Made right after its sandbox and renamed at once, unless the agent dies in between. */
function isLeftLink (name: string, names: readonly string[]): boolean {
  return name.endsWith(`.${latest}`) && !names.includes(name.slice(0, -latest.length - 1))
}

function namesIn (folder: string): string[] {
  let names: string[] = []
  tolerate(['ENOENT'], () => { names = readdirSync(folder) })
  return names
}

/** Whether it was done. */
function tolerate (codes: readonly string[], action: () => void): boolean {
  try {
    action()
    return true
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
