import type { Stats } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { accountNames } from './account-names.ts'
import { modeText } from './mode-text.ts'
import type { Found } from './open-beneath.ts'

/** A file as `ls -l` and Mesos tell it; seconds since the epoch. */
export interface FileInfo {
  readonly gid: string
  readonly mode: string
  readonly mtime: number
  readonly nlink: number
  readonly path: string
  readonly size: number
  readonly uid: string
}

/** A container can make names without end; of more than these, some are told. */
const maxEntries = 10_000
const atOnce = 32

/** What is in a folder, by name; of a file, nothing. The paths told begin with the one that was asked for. */
export async function browse (found: Found, asked: string): Promise<FileInfo[]> {
  return (await entriesOf(found, asked)).map(({ mode, mtimeMs, ...entry }) => ({
    ...entry, mode: modeText(mode), mtime: Math.floor(mtimeMs / 1000),
  }))
}

/** The same with mode and time as numbers. */
export type FileEntry = Omit<FileInfo, 'mode' | 'mtime'> & { readonly mode: number, readonly mtimeMs: number }

export async function entriesOf (found: Found, asked: string): Promise<FileEntry[]> {
  if (!found.stat.isDirectory()) return []
  const names = await namesIn(found.path)
  const nameOf = await accountNames()
  const infos: FileEntry[] = []
  for (let at = 0; at < names.length; at += atOnce) {
    const batch = await Promise.all(names.slice(at, at + atOnce).map(async name => ({ name, stat: await statOf(`${found.path}/${name}`) })))
    for (const { name, stat } of batch) if (stat !== undefined) infos.push(entryOf(`${asked.replace(/\/+$/, '')}/${name}`, stat, nameOf))
  }
  return infos
}

async function namesIn (folder: string): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of await opendir(folder)) if (names.push(name) === maxEntries) break
  return names.sort((a, b) => a < b ? -1 : 1)
}

/** undefined: it has gone meanwhile. */
async function statOf (path: string): Promise<Stats | undefined> {
  return await lstat(path).catch(() => undefined)
}

function entryOf (path: string, stat: Stats, nameOf: Awaited<ReturnType<typeof accountNames>>): FileEntry {
  const { mode, mtimeMs, nlink, size, uid, gid } = stat
  return { gid: nameOf.group(gid), mode, mtimeMs, nlink, path, size, uid: nameOf.user(uid) }
}
