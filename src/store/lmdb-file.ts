import { chmod, copyFile, link, mkdir, open as openFile, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { open as openDatabase, type RootDatabase } from 'lmdb'
import { AgentError, messageOf } from '../model/errors.ts'
import type { Group } from './group-commit.ts'

export const dataFile = 'data.mdb'

/** Less than this is no room for a commit. */
const leastFreeBytes = 1 << 20

/** The database in its folder: texts by key. */
export interface LmdbFile {
  entries (): Iterable<[key: string, text: string]>
  write (group: Group): Promise<void>
  /** A consistent copy, put in its place whole. */
  backUp (path: string): Promise<void>
  close (): Promise<void>
}

export function openLmdb (folder: string, { readOnly = false } = {}): LmdbFile {
  let database = openAt(folder, readOnly)
  let failures = 0
  let isInTrouble = false
  return {
    * entries () {
      for (const { key, value } of database.getRange()) yield [String(key), value]
    },
    async write (group) {
      if (group.size === 0) return
      try {
        // After some faults the environment refuses every write until it is opened anew.
        if (failures > 2) database = await reopen(database, folder)
        await writeGroup(database, group)
        failures = 0
      } catch (error) {
        failures++
        isInTrouble = true
        throw await lackOfRoom(folder) ?? new AgentError('CHECKPOINT_FAILED', `the checkpoint in ${folder} cannot be written: ${messageOf(error)}`)
      }
      // What it takes in the pages that it has left is no sign that there is room for more.
      const lack = isInTrouble ? await lackOfRoom(folder) : undefined
      if (lack !== undefined) throw lack
      isInTrouble = false
    },
    async backUp (path) {
      await rm(`${path}.new`, { force: true, recursive: true })
      await mkdir(`${path}.new`, { mode: 0o700 })
      await database.backup(`${path}.new`, true)
      const copy = join(`${path}.new`, dataFile)
      await chmod(copy, 0o600)
      await flush(copy)
      await rename(copy, path)
      await rm(`${path}.new`, { force: true, recursive: true })
    },
    close: () => database.close(),
  }
}

/**
 * With overlappingSync a write would be told done before it is on the disk; with eventTurnBatching, lmdb makes a promise of its own for a batch, and its
 * rejection on a full disk is nobody's: it would end the process.
 */
function openAt (folder: string, readOnly: boolean): RootDatabase<string, string> {
  return openDatabase<string, string>({ path: folder, readOnly, overlappingSync: false, eventTurnBatching: false, encoding: 'string', noSubdir: false })
}

async function reopen (database: RootDatabase<string, string>, folder: string): Promise<RootDatabase<string, string>> {
  await database.close()
  return openAt(folder, false)
}

/** The promise of each write is looked after: one that is rejected and that nobody awaits would end the process. */
async function writeGroup (database: RootDatabase<string, string>, group: Group): Promise<void> {
  const writes: Array<Promise<boolean>> = []
  const batch = database.batch(() => {
    for (const [key, text] of group) writes.push(text === undefined ? database.remove(key) : database.put(key, text))
  })
  await Promise.all([batch, ...writes.map(write => Promise.resolve(write).catch(reasonOf))]).catch(async (error: unknown) => { throw await reasonOf(error) })
}

/** What the commit failed with comes as a promise of its own, which is nobody's unless it is taken. */
async function reasonOf (error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> }
  return commitError === undefined ? error : await commitError.catch((reason: unknown) => reason)
}

/** lmdb says "Input/output error" of a full disk too. */
async function lackOfRoom (folder: string): Promise<AgentError | undefined> {
  const free = await statfs(folder).then(({ bavail, bsize }) => bavail * bsize, () => Infinity)
  if (free >= leastFreeBytes) return undefined
  return new AgentError('DISK_FULL', `the checkpoint cannot be written: less than ${leastFreeBytes / 1024} KB are free on the disk of ${folder}`)
}

async function flush (path: string): Promise<void> {
  const file = await openFile(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** What stands where, and what a copy of the backup must pass. */
export interface Restoring {
  readonly folder: string
  readonly backup: string
  /** What stood in the database's place is kept there. */
  readonly aside: string
  /** Throws what is wrong with the database in this folder. */
  check (folder: string): Promise<void>
}

/** Puts a backup in the place of the database. Until its last step, and when it fails, all is as it was. */
export async function restoreBackup ({ folder, backup, aside, check }: Restoring): Promise<void> {
  const [database, beside] = [join(folder, dataFile), join(folder, 'restored')]
  await rm(beside, { recursive: true, force: true })
  await mkdir(beside, { mode: 0o700 })
  try {
    const copy = join(beside, dataFile)
    await copyFile(backup, copy)
    await flush(copy)
    await check(beside)
    await rm(aside, { force: true })
    await link(database, aside).catch((error: unknown) => { if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error })
    await rename(copy, database)
    await flush(folder)
  } finally {
    await rm(beside, { recursive: true, force: true }).catch(() => {})
  }
}
