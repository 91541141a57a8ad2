import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { Header, type HeaderData } from 'tar'

const places = ['/bin/busybox', '/usr/bin/busybox', '/bin/busybox.static', '/usr/bin/busybox.static']

/** A busybox of this host that needs no shared libraries: the one program of which an image can be made without any network. */
export async function findStaticBusybox (candidates: readonly string[] = places): Promise<string | undefined> {
  for (const path of candidates) {
    const program = await readFile(path).catch(() => undefined)
    if (program && isStaticElf(program)) return path
  }
  return undefined
}

/** Static means that no program header asks for an interpreter (PT_INTERP). 64-bit little-endian ELF. */
export function isStaticElf (file: Buffer): boolean {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) return false
  const interpreter = 3
  const start = Number(file.readBigUInt64LE(32))
  const size = file.readUInt16LE(54)
  const end = start + size * file.readUInt16LE(56)
  if (size < 4 || end > file.length) return false
  for (let at = start; at < end; at += size) if (file.readUInt32LE(at) === interpreter) return false
  return true
}

/** The tar of a root file system: busybox, and a link for each of its commands. */
export async function busyboxTar (path: string): Promise<Readable> {
  const program = await readFile(path)
  const { stdout } = await promisify(execFile)(path, ['--list'], { timeout: 10_000 })
  const commands = stdout.split('\n').filter(name => /^[\w.[-]+$/.test(name) && name !== 'busybox')
  return Readable.from([
    ...['bin/', 'tmp/', 'etc/'].map(path => header({ path, type: 'Directory', mode: 0o755 })),
    header({ path: 'bin/busybox', type: 'File', mode: 0o755, size: program.length }), padded(program),
    ...commands.map(name => header({ path: `bin/${name}`, type: 'SymbolicLink', mode: 0o777, linkpath: 'busybox' })),
    Buffer.alloc(1024),
  ])
}

function header (entry: HeaderData): Buffer {
  const block = Buffer.alloc(512)
  new Header({ size: 0, ...entry, uid: 0, gid: 0, mtime: new Date(0) }).encode(block)
  return block
}

function padded (content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - content.length % 512) % 512)])
}
