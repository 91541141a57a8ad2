/** single: one file that was compressed, without a name of its own. */
export type ArchiveFormat = 'tar' | 'zip' | 'single'

/** By the end of the name, first match wins. What a tar is compressed with is seen in its bytes, whatever its name says. */
const suffixes: ReadonlyArray<readonly [string, ArchiveFormat]> = [
  ['.tar', 'tar'], ['.tgz', 'tar'], ['.tar.gz', 'tar'], ['.tbz2', 'tar'], ['.tar.bz2', 'tar'], ['.txz', 'tar'], ['.tar.xz', 'tar'],
  ['.tar.zst', 'tar'], ['.zip', 'zip'],
  ['.gz', 'single'], ['.bz2', 'single'], ['.xz', 'single'], ['.zst', 'single'],
]

/** How a file of this name is extracted; undefined if its name says no archive. */
export function archiveFormat (name: string): ArchiveFormat | undefined {
  return suffixes.find(([suffix]) => name.endsWith(suffix))?.[1]
}

/** What a compressed file is called when it is not: `logs/a.txt.gz` becomes `logs/a.txt`. */
export function unpackedName (name: string): string {
  return name.replace(/\.(gz|bz2|xz|zst)$/, '')
}
