/*  The command on a host whose boot id is what the file BOOT_ID_FILE says: another one there is a reboot.  */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { BOOT_ID_FILE: bootIdFile = '' } = process.env
const read = fs.readFileSync
fs.readFileSync = ((path: fs.PathOrFileDescriptor, ...more: []) => read(path === '/proc/sys/kernel/random/boot_id' ? bootIdFile : path, ...more)) as typeof read
syncBuiltinESMExports()
await import('../../src/main.ts')
