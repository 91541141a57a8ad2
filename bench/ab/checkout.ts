import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from './run-program.ts'

/** A revision, built, in a folder of its own. */
export interface Checkout extends Disposable { readonly folder: string }

export interface CheckoutWish {
  /** The project's folder, whose git knows the revision. */
  readonly project: string
  /** What git takes for one; '.' is the project's folder as it is. */
  readonly revision: string
  /** To be made. */
  readonly folder: string
}

/** Fails before anything is made if there is no such revision; its packages are ours where it wants the same ones. */
export async function checkOut ({ project, revision, folder }: CheckoutWish, signal: AbortSignal): Promise<Checkout> {
  if (revision === '.') return { folder: project, [Symbol.dispose]: () => {} }
  const commit = commitOf(project, revision)
  const checkout = { folder, [Symbol.dispose]: () => { remove(project, folder) } }
  try {
    git(project, 'worktree', 'add', '--quiet', '--detach', folder, commit)
    if (wantSamePackages(project, folder)) symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
    await runProgram([process.execPath, 'setup.mjs', 'build'], folder, signal)
    return checkout
  } catch (error) {
    remove(project, folder)
    throw error
  }
}

function commitOf (project: string, revision: string): string {
  try {
    return git(project, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`)
  } catch {
    throw new Error(`git knows no revision '${revision}' in ${project}`)
  }
}

function git (project: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

/** The folder first: then prune takes what git knew of it, also of one that was made by half. */
function remove (project: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  git(project, 'worktree', 'prune')
}

function wantSamePackages (project: string, folder: string): boolean {
  const [ours, theirs] = [project, folder].map(one => join(one, 'package-lock.json')) as [string, string]
  return existsSync(ours) && existsSync(theirs) && readFileSync(ours).equals(readFileSync(theirs))
}
