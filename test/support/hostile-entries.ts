import { tarOf, type TarEntry } from './tar.ts'
import { zipOf, type ZipEntry } from './zip.ts'

/** An entry of any archive, as bad as it is meant. */
export type HostileEntry =
  | { readonly name: string, readonly body?: string }
  | { readonly name: string, readonly link: string }
  | { readonly name: string, readonly special: 'character device' | 'block device' | 'fifo' | 'socket' }

const deep = '../'.repeat(40)

/** Archives none of which may leave a trace, in words and entries that every format has. */
export const hostileArchives: ReadonlyArray<readonly [what: string, entries: readonly HostileEntry[]]> = [
  ['a name upwards', [{ name: '../victim' }]],
  ['a name far upwards', [{ name: `${deep}tmp/slipway-victim` }]],
  ['a name that goes down and up', [{ name: 'a/b/../../../victim' }]],
  ['a name that ends upwards', [{ name: 'a/../..' }]],
  ['a folder upwards', [{ name: '../folder/' }]],
  ['only dots', [{ name: '..' }]],
  ['a name upwards with dots between', [{ name: './.././victim' }]],
  ['a name upwards with slashes between', [{ name: 'a//..//..//victim' }]],
  ['an absolute name', [{ name: '/tmp/slipway-victim' }]],
  ['an absolute name with two slashes', [{ name: '//tmp/slipway-victim' }]],
  ['an absolute folder', [{ name: '/tmp/slipway-victim/' }]],
  ['the log', [{ name: 'stdout' }]],
  ['the log with a dot', [{ name: './stderr' }]],
  ['a folder in place of the log', [{ name: 'stdout/' }]],
  ['a file below the log', [{ name: 'stderr/a' }]],
  ['a link in place of the log', [{ name: 'stdout', link: 'first' }]],
  ['a name of a fetch', [{ name: '.slipway-fetch-x/a' }]],
  ['an absolute link', [{ name: 'l', link: '/etc/passwd' }]],
  ['a link upwards', [{ name: 'l', link: '../victim' }]],
  ['a link far upwards', [{ name: 'a/b/c/l', link: `${deep}etc/passwd` }]],
  ['a link to the folder above', [{ name: 'l', link: '..' }]],
  ['a link through missing folders', [{ name: 'l', link: 'no/../../victim' }]],
  ['a link through a file', [{ name: 'l', link: 'first/../../victim' }]],
  ['a link through another', [{ name: 'a/m', link: '..' }, { name: 'l', link: 'a/m/../victim' }]],
  ['two links that lead out together', [{ name: 'd/e/up', link: '../..' }, { name: 'd/l', link: 'e/up/../victim' }]],
  ['links in a circle', [{ name: 'l', link: 'm' }, { name: 'm', link: 'l' }]],
  ['a link to itself', [{ name: 'l', link: 'l' }]],
  ['a file through a link upwards', [{ name: 'l', link: '..' }, { name: 'l/victim' }]],
  ['a file through an absolute link', [{ name: 'l', link: '/tmp' }, { name: 'l/slipway-victim' }]],
  ['a folder through a link', [{ name: 'l', link: '..' }, { name: 'l/folder/' }]],
  ['a link through a link', [{ name: 'l', link: '.' }, { name: 'l/m', link: '../victim' }]],
  ['a folder in place of a link', [{ name: 'l', link: '..' }, { name: 'l/' }, { name: 'l/victim' }]],
  ['a link in place of a folder', [{ name: 'd/' }, { name: 'd', link: '..' }, { name: 'd/victim' }]],
  ['a character device', [{ name: 'null', special: 'character device' }]],
  ['a block device', [{ name: 'sda', special: 'block device' }]],
  ['a fifo', [{ name: 'pipe', special: 'fifo' }]],
  ['a socket', [{ name: 'socket', special: 'socket' }]],
  ['a file and a folder', [{ name: 'x' }, { name: 'x/y' }]],
  ['a folder and a file', [{ name: 'x/y' }, { name: 'x' }]],
]

const specials = {
  'character device': { type: '3', mode: 0o020666 },
  'block device': { type: '4', mode: 0o060666 },
  'fifo': { type: '6', mode: 0o010666 },
  'socket': { type: 's', mode: 0o140666 },
} as const

export function hostileTar (entries: readonly HostileEntry[]): Buffer {
  return tarOf(entries.map((entry): TarEntry => {
    const { name } = entry
    if ('special' in entry) return { name, type: specials[entry.special].type }
    if ('link' in entry) return { name, type: '2', link: entry.link }
    return name.endsWith('/') ? { name, type: '5' } : { name, body: entry.body ?? 'evil' }
  }))
}

export function hostileZip (entries: readonly HostileEntry[]): Buffer {
  return zipOf(entries.map((entry): ZipEntry => {
    const { name } = entry
    if ('special' in entry) return { name, mode: specials[entry.special].mode }
    if ('link' in entry) return { name, body: entry.link, mode: 0o120777 }
    return name.endsWith('/') ? { name } : { name, body: entry.body ?? 'evil' }
  }))
}
