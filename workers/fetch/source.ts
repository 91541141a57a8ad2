import { join, normalize } from 'node:path'
import { AgentError } from '../../src/model/errors.ts'
import type { TransferOptions } from '../../src/model/transfer-options.ts'
import { schemeOf, shownUri } from '../../src/model/uri.ts'
import { checksumOf, type Checksum } from './checksum.ts'
import { hdfsPlace, type WebHdfsPlace } from './hadoop/webhdfs-place.ts'
import { s3Place, type S3Place } from './s3/s3-place.ts'
import { decoded } from './target-name.ts'

type Place =
  | { readonly kind: 'http', readonly url: URL }
  | { readonly kind: 'ftp', readonly url: URL }
  | { readonly kind: 'file', readonly path: string }
  | S3Place
  | WebHdfsPlace
  | { readonly kind: 'hadoop', readonly uri: string }

/** Where a file comes from, and what it has to be. */
export type Source = Place & { readonly shown: string, readonly checksum: Checksum | undefined }
export type SourceOf<K extends Source['kind']> = Extract<Source, { kind: K }>

type PlaceOf = (url: URL, shown: string, options: TransferOptions) => Place

const schemes: Readonly<Record<string, PlaceOf>> = {
  http: url => ({ kind: 'http', url }),
  https: url => ({ kind: 'http', url }),
  ftp: ftpPlace,
  ftps: ftpPlace,
  ftpes: ftpPlace,
  file: (url, shown) => ({ kind: 'file', path: filePath(url, shown) }),
  s3: s3Place,
  s3a: s3Place,
  s3n: s3Place,
  hdfs: (url, shown, options) => options.hadoop.webHdfs.length > 0 ? hdfsPlace(url, shown, options) : hadoopPlace(url, shown, options),
  webhdfs: hdfsPlace,
  swebhdfs: hdfsPlace,
}

/** Refuses what cannot be fetched, before the first byte of anything. */
export function sourceOf (value: string, options: TransferOptions): Source {
  const shown = shownUri(value)
  const scheme = schemeOf(value)
  if (scheme === undefined) return { kind: 'file', path: plainPath(value, shown, options), shown, checksum: undefined }
  const placeOf = Object.hasOwn(schemes, scheme) ? schemes[scheme] : options.hadoop.schemes.includes(scheme) ? hadoopPlace : undefined
  if (placeOf === undefined) throw new AgentError('NOT_SUPPORTED', `${shown}: the scheme ${scheme} is not supported`)
  if (!URL.canParse(value)) throw new AgentError('SPEC_INVALID', `${shown}: not a URI`)
  const url = new URL(value)
  const checksum = checksumOf(url.hash, shown)
  url.hash = ''
  return { ...placeOf(url, shown, options), shown, checksum }
}

function ftpPlace (url: URL, shown: string): Place {
  if (url.hostname === '') throw new AgentError('SPEC_INVALID', `${shown}: has no host`)
  return { kind: 'ftp', url }
}

/** What is copied by the client of the operator. It reads the URI as it is. */
function hadoopPlace (url: URL, shown: string, { hadoop }: TransferOptions): Place {
  const scheme = url.protocol.slice(0, -1)
  if (hadoop.schemes.includes(scheme)) return { kind: 'hadoop', uri: url.href }
  throw new AgentError('NOT_SUPPORTED', `${shown}: the scheme ${scheme} is not supported here; see --hadoop-schemes and --web-hdfs`)
}

function plainPath (value: string, shown: string, { frameworksHome }: TransferOptions): string {
  if (value === '') throw new AgentError('SPEC_INVALID', 'a URI is empty')
  if (value.startsWith('/')) return withoutNul(value, shown)
  if (frameworksHome === undefined) throw new AgentError('NOT_SUPPORTED', `${shown}: a relative path needs --frameworks-home, which this agent does not have`)
  if (normalize(value).split('/')[0] === '..') throw new AgentError('SPEC_INVALID', `${shown}: leads out of --frameworks-home`)
  return withoutNul(join(frameworksHome, value), shown)
}

function filePath (url: URL, shown: string): string {
  if (url.hostname !== '') throw new AgentError('SPEC_INVALID', `${shown}: a file URI names a file of this host, as file:///path`)
  return withoutNul(decoded(url.pathname), shown)
}

function withoutNul (path: string, shown: string): string {
  if (path.includes('\0')) throw new AgentError('SPEC_INVALID', `${shown}: has a NUL in it`)
  return path
}
