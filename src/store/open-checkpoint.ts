import { mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { settlesWithin } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import { AgentError, messageOf } from '../model/errors.ts'
import type { Checkpoint, Snapshot } from './checkpoint.ts'
import { GroupCommit } from './group-commit.ts'
import { dataFile, openLmdb, restoreBackup, type LmdbFile } from './lmdb-file.ts'
import { loadRecords, type Unreadable } from './load.ts'
import type { StoreMetrics } from './metrics.ts'
import { verifyDatabase } from './verify.ts'

export interface CheckpointOptions {
  readonly workDir: string
  /** What cannot be read keeps the agent from starting; else it is passed over. */
  readonly strict: boolean
  readonly metrics: StoreMetrics
  readonly log: Log
  readonly backupMs?: number
}

export interface OpenCheckpoint extends Checkpoint, AsyncDisposable {
  /** As it was when it was opened. */
  readonly snapshot: Snapshot
  /** For whoever finds that a record of it cannot be read after all: as `strict` has it, it throws or is told. */
  readonly onUnreadable: Unreadable
}

const folderName = 'checkpoint'
const defaultBackupMs = 60_000
/** A disk that does not answer does not keep the agent from ending. */
const closeMs = 1_000

export function checkpointFolder (workDir: string): string {
  return join(workDir, folderName)
}

/**
 * Opens what earlier runs wrote down, or begins it. A database that is damaged gives way to its backup, with a loud warning. Throws
 * CHECKPOINT_DAMAGED, CHECKPOINT_NEWER or CHECKPOINT_FAILED, and nothing is changed then.
 */
export async function openCheckpoint (options: CheckpointOptions): Promise<OpenCheckpoint> {
  const { metrics, log, strict } = options
  const folder = checkpointFolder(options.workDir)
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => { throw failed(folder, error) })
  await makeReadable(folder, options).catch((error: unknown) => { throw error instanceof AgentError ? error : failed(folder, error) })
  const file = openFile(folder)
  try {
    const onUnreadable: Unreadable = (key, error) => {
      if (strict) throw error
      metrics.unreadable()
      log.error({ key, error }, 'a record of the checkpoint cannot be read and is passed over')
    }
    return keepOpen(file, { snapshot: loadRecords(file.entries(), onUnreadable), onUnreadable }, options)
  } catch (error) {
    await file.close()
    throw error
  }
}

function openFile (folder: string): LmdbFile {
  try {
    return openLmdb(folder)
  } catch (error) {
    throw failed(folder, error)
  }
}

type Loaded = Pick<OpenCheckpoint, 'snapshot' | 'onUnreadable'>

function keepOpen (file: LmdbFile, loaded: Loaded, { metrics, log, workDir, backupMs = defaultBackupMs }: CheckpointOptions): OpenCheckpoint {
  const commits = new GroupCommit({
    write: group => file.write(group),
    onCommit: (records, ms) => { metrics.committed(records, ms); hasChanged = true },
    onFault: fault => {
      metrics.isWritable(fault === undefined)
      if (fault === undefined) log.info({}, 'the checkpoint can be written again')
      else log.error({ error: fault }, 'the checkpoint cannot be written: no task is taken until it can')
    },
  })
  let hasChanged = true
  const backUp = async (): Promise<void> => {
    if (!hasChanged || commits.fault !== undefined) return
    hasChanged = false
    await file.backUp(backupPath(workDir)).catch((error: unknown) => {
      hasChanged = true
      log.warn({ error: messageOf(error) }, 'the checkpoint could not be backed up')
    })
  }
  let backingUp = Promise.resolve()
  const timer = setInterval(() => { backingUp = backingUp.then(backUp) }, backupMs).unref()
  return {
    ...loaded,
    commit: (...changes) => commits.commit(...changes),
    get fault () { return commits.fault },
    async [Symbol.asyncDispose] () {
      clearInterval(timer)
      const end = commits.close().then(() => backingUp).then(backUp).then(() => file.close())
      if (!await settlesWithin(end, closeMs)) log.warn({}, 'the checkpoint did not close in time')
    },
  }
}

/** After this the database can be read to its end, or there is none. Whoever is cut off in the midst of it finds the damage again. */
async function makeReadable (folder: string, { workDir, strict, log }: CheckpointOptions): Promise<void> {
  const [database, backup] = [join(folder, dataFile), backupPath(workDir)]
  const aside = `${database}.damaged`          // one is kept for whoever wants to look into it
  const isBackedUp = await hasContent(backup)
  const damage = await damageOf(folder, isBackedUp)
  if (damage === undefined) return
  const backupDamage = isBackedUp ? await orDamage(restoreBackup({ folder, backup, aside, check: verifyDatabase })) : damage
  if (backupDamage === undefined) {
    log.error({ error: damage, aside, backup }, 'THE CHECKPOINT IS DAMAGED: its backup takes its place; tasks begun since that was made are not known any more')
    return
  }
  if (strict) throw damage
  const what = isBackedUp ? 'AND ITS BACKUP ARE DAMAGED: the agent starts without them' : 'IS DAMAGED AND HAS NO BACKUP: the agent starts without it'
  log.error({ error: backupDamage, aside }, `THE CHECKPOINT ${what}`)
  if (await hasContent(database)) await rename(database, aside)
}

/** A database that is missing is damaged too, where it has a backup. A reader that dies may die of something else: that is asked twice. */
async function damageOf (folder: string, isBackedUp: boolean): Promise<AgentError | undefined> {
  const database = join(folder, dataFile)
  if (!await hasContent(database)) return isBackedUp ? new AgentError('CHECKPOINT_DAMAGED', `${database} is missing, and its backup is there`) : undefined
  return await orDamage(verifyDatabase(folder)) && await orDamage(verifyDatabase(folder))
}

async function orDamage (work: Promise<void>): Promise<AgentError | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof AgentError && error.code === 'CHECKPOINT_DAMAGED') return error
    throw error
  }
}

/** Whether an agent has ever written one there. */
export async function hasCheckpoint (workDir: string): Promise<boolean> {
  return await hasContent(join(checkpointFolder(workDir), dataFile))
}

function backupPath (workDir: string): string {
  return join(checkpointFolder(workDir), 'backup.mdb')
}

async function hasContent (path: string): Promise<boolean> {
  return await stat(path).then(({ size }) => size > 0, () => false)
}

function failed (folder: string, error: unknown): AgentError {
  return new AgentError('CHECKPOINT_FAILED', `the checkpoint in ${folder} cannot be opened: ${messageOf(error)}`, { path: folder })
}
