/*  A process of its own that reads a database to its last byte: one that is damaged kills its reader, and it is this one then.
 *    argument: the folder; ends with 0 when all could be read, else with words on stderr, or by a signal                          */
import { openLmdb } from './lmdb-file.ts'

const [folder = ''] = process.argv.slice(2)
let characters = 0
for (const [key, text] of openLmdb(folder, { readOnly: true }).entries()) characters += key.length + text.length
process.stdout.write(`${characters}\n`)
