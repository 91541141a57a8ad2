import { AgentError } from '../../src/model/errors.ts'
import type { TransferOptions } from '../../src/model/transfer-options.ts'
import { schemeOf, shownUri } from '../../src/model/uri.ts'
import { decoded } from './target-name.ts'

type Place =
  | { readonly kind: 'http', readonly url: URL }
  | { readonly kind: 'file', readonly path: string }

/** Where a file comes from, and what it has to be. */
export type Source = Place & { readonly shown: string, readonly checksum: Checksum | undefined }

export interface Checksum { readonly algorithm: 'sha256' | 'sha512', readonly hex: string }

/** Refuses what cannot be fetched, before the first byte of anything. */
export function sourceOf (value: string, _options: TransferOptions): Source {
  const shown = shownUri(value)
  return { ...placeOf(value, shown), shown, checksum: undefined }
}

function placeOf (value: string, shown: string): Place {
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
