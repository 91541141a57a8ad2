import { chmodSync, closeSync, constants, fstatSync, mkdirSync, openSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AgentError, messageOf } from '../../src/model/errors.ts'
import type { KnownFile, Output } from '../../src/pool/jobs.ts'

/** Makes the sandbox with its empty log files, and points `latest` at it. */
export function makeSandbox (path: string): Output<'sandbox'> {
  try {
    makeNew(path)
    chmodSync(path, 0o750)
    const files = { stdout: makeLogFile(join(path, 'stdout')), stderr: makeLogFile(join(path, 'stderr')) }
    pointLatest(path)
    return files
  } catch (error) {
    const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
    throw new AgentError(isFull ? 'DISK_FULL' : 'SANDBOX_FAILED', `cannot make the sandbox: ${messageOf(error)}`, { path }, undefined)
  }
}

/** Folders that are empty may be removed at any time, those above it too. */
function makeNew (path: string, tries = 3): void {
  mkdirSync(dirname(path), { recursive: true })
  try {
    mkdirSync(path)
  } catch (error) {
    if (tries <= 1 || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    makeNew(path, tries - 1)
  }
}

function makeLogFile (path: string): KnownFile {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644)
  try {
    const { dev: device, ino: inode } = fstatSync(file)
    return { path, device, inode }
  } finally {
    closeSync(file)
  }
}

function pointLatest (path: string): void {
  const link = `${path}.latest`
  symlinkSync(path, link)
  renameSync(link, join(dirname(path), 'latest'))
}
