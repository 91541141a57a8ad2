import { AgentError } from '../../../src/model/errors.ts'

export type ArchiveFormat = 'tar' | 'zip'

/** By the end of the name, first match wins; undefined = known, and not yet done. */
const suffixes: ReadonlyArray<readonly [string, ArchiveFormat | undefined]> = [
  ['.tar', 'tar'], ['.tgz', 'tar'], ['.tar.gz', 'tar'], ['.zip', 'zip'],
  ['.tbz2', undefined], ['.tar.bz2', undefined], ['.txz', undefined], ['.tar.xz', undefined], ['.tar.zst', undefined],
  ['.gz', undefined], ['.bz2', undefined], ['.xz', undefined], ['.zst', undefined],
]

/** How a file of this name is extracted; undefined if its name says no archive. */
export function archiveFormat (name: string, shown: string): ArchiveFormat | undefined {
  const found = suffixes.find(([suffix]) => name.endsWith(suffix))
  if (found === undefined) return undefined
  const [suffix, format] = found
  if (format !== undefined) return format
  throw new AgentError('NOT_SUPPORTED', `${shown}: extraction of ${suffix} is not supported; with "extract": false it is fetched as it is`)
}
