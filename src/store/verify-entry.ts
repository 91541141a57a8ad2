/*  A process of its own that reads a database to its last byte: one that is damaged kills its reader, and it is this one then.
 *    argument: the folder; ends with 0 when all could be read, with `damagedExitCode` and words on stderr or by SIGBUS or SIGSEGV when it is
 *    damaged, otherwise for a reason that is not the database's                                                                        */
import { openLmdb } from './lmdb-file.ts'
import { damagedExitCode } from './verify.ts'

/** lmdb's own (lmdb.h), from MDB_KEYEXIST down; these of them are a lack of places: MAP_FULL, DBS_FULL, READERS_FULL, TLS_FULL. */
const lmdbCodes = { most: -30_700, least: -30_800 }
const lackCodes: ReadonlySet<number> = new Set([-30792, -30791, -30790, -30789])
/** EINVAL: a size that cannot be. */
const invalidCode = 22

const [folder = ''] = process.argv.slice(2)
try {
  let characters = 0
  for (const [key, text] of openLmdb(folder, { readOnly: true }).entries()) characters += key.length + text.length
  process.stdout.write(`${characters}\n`)
} catch (error) {
  console.error(error)
  process.exitCode = isDamage(error) ? damagedExitCode : 1
}

/** What the kernel refuses, by name or by number, is no damage; what cannot be decoded is. */
function isDamage (error: unknown): boolean {
  const { code } = error as { code?: unknown }
  if (typeof code === 'number') return code === invalidCode || (code > lmdbCodes.least && code < lmdbCodes.most && !lackCodes.has(code))
  return typeof code !== 'string' || code.startsWith('ERR_')
}
