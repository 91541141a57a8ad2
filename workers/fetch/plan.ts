import { AgentError } from '../../src/model/errors.ts'
import type { TransferOptions } from '../../src/model/transfer-options.ts'
import type { FetchUri } from '../../src/model/uri.ts'
import { archiveFormat, unpackedName, type ArchiveFormat } from './archive/format.ts'
import { pathFault, plainPath } from './safe-path.ts'
import { sourceOf, type Source } from './source.ts'
import { refuseClashes, targetName } from './target-name.ts'

export interface Item {
  /** In the list, from 1. */
  readonly file: number
  /** The URI, fit for logs. */
  readonly shown: string
  readonly source: Source
  /** Below the sandbox. */
  readonly target: string
  readonly executable: boolean
  readonly format: ArchiveFormat | undefined
}

/** What is to be done for a task's URIs. All that can be refused is refused here, before the first byte. */
export function planFetch (uris: readonly FetchUri[], options: TransferOptions): Item[] {
  const items = uris.map((uri, index) => planNamed({ ...uri, value: uri.value.trim() }, index + 1, options))
  refuseClashes(items.map(item => item.target))
  return items
}

/** A fault in the description is told with its place there. */
function planNamed (uri: FetchUri, file: number, options: TransferOptions): Item {
  try {
    return planItem(uri, file, options)
  } catch (error) {
    throw uri.field === undefined ? error : AgentError.wrap(error, uri.field, { field: uri.field })
  }
}

function planItem (uri: FetchUri, file: number, options: TransferOptions): Item {
  const source = sourceOf(uri.value, options)
  const { shown } = source
  const target = targetName(uri)
  const format = uri.extract && !uri.executable ? archiveFormat(target) : undefined
  if (format === 'single') checkUnpacked(unpackedName(target), shown)
  return { file, shown, source, target, executable: uri.executable, format }
}

/** What is unpacked beside a compressed file has a name as well. */
function checkUnpacked (name: string, shown: string): void {
  const fault = name.endsWith('/') || plainPath(name) === '' ? 'names no file' : pathFault(name)
  if (fault !== undefined) throw new AgentError('SPEC_INVALID', `${shown}: unpacked, its name ${JSON.stringify(name)} ${fault}`)
}
