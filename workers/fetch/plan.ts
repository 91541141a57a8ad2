import { AgentError } from '../../src/model/errors.ts'
import { schemeOf, shownUri, type FetchUri } from '../../src/model/uri.ts'
import { archiveFormat, unpackedName, type ArchiveFormat } from './archive/format.ts'
import { decoded, refuseClashes, targetName } from './target-name.ts'

export type Source = { readonly kind: 'http', readonly url: URL } | { readonly kind: 'file', readonly path: string }

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
export function planFetch (uris: readonly FetchUri[]): Item[] {
  const items = uris.map((uri, index) => planNamed({ ...uri, value: uri.value.trim() }, index + 1))
  refuseClashes(items.map(item => item.target))
  return items
}

/** A fault in the description is told with its place there. */
function planNamed (uri: FetchUri, file: number): Item {
  try {
    return planItem(uri, file)
  } catch (error) {
    throw uri.field === undefined ? error : AgentError.wrap(error, uri.field, { field: uri.field })
  }
}

function planItem (uri: FetchUri, file: number): Item {
  const shown = shownUri(uri.value)
  const source = sourceOf(uri.value, shown)
  const target = targetName(uri)
  const format = uri.extract && !uri.executable ? archiveFormat(target) : undefined
  return { file, shown, source, target, executable: uri.executable, format }
}

function sourceOf (value: string, shown: string): Source {
  const scheme = schemeOf(value)
  if (scheme === undefined) return { kind: 'file', path: plainSource(value, shown) }
  if (!['http', 'https', 'file'].includes(scheme)) throw new AgentError('NOT_SUPPORTED', `${shown}: the scheme ${scheme} is not supported`)
  if (!URL.canParse(value)) throw new AgentError('SPEC_INVALID', `${shown}: not a URI`)
  const url = new URL(value)
  return scheme === 'file' ? { kind: 'file', path: fileSource(url, shown) } : { kind: 'http', url }
}

function plainSource (value: string, shown: string): string {
  if (value === '') throw new AgentError('SPEC_INVALID', 'a URI is empty')
  if (!value.startsWith('/')) throw new AgentError('NOT_SUPPORTED', `${shown}: relative paths are not supported`)
  return withoutNul(value, shown)
}

function fileSource (url: URL, shown: string): string {
  if (url.hostname !== '') throw new AgentError('SPEC_INVALID', `${shown}: a file URI names a file of this host, as file:///path`)
  return withoutNul(decoded(url.pathname), shown)
}

function withoutNul (path: string, shown: string): string {
  if (path.includes('\0')) throw new AgentError('SPEC_INVALID', `${shown}: has a NUL in it`)
  return path
}
