import { AgentError } from '../../../src/model/errors.ts'
import type { TransferOptions } from '../../../src/model/transfer-options.ts'
import { decoded } from '../target-name.ts'

export interface S3Place {
  readonly kind: 's3'
  readonly bucket: string
  readonly key: string
  readonly versionId: string | undefined
  /** Of the URI itself, as Hadoop has it. */
  readonly keys: { readonly accessKeyId: string, readonly secretAccessKey: string } | undefined
}

/** `s3://bucket/key`, also with `?versionId=…`. */
export function s3Place (url: URL, shown: string, _options: TransferOptions): S3Place {
  const invalid = (message: string): AgentError => new AgentError('SPEC_INVALID', `${shown}: ${message}`)
  const key = decoded(url.pathname.slice(1))
  if (!/^[a-z0-9A-Z][\w.-]{1,254}$/.test(url.host)) throw invalid('has no name of a bucket, as s3://bucket/key')
  if (key === '') throw invalid('names no object, as s3://bucket/key')
  const query = new URLSearchParams(url.search)
  const versionId = query.get('versionId') ?? undefined
  query.delete('versionId')
  if (query.size > 0) throw invalid('may have versionId after its ?, and nothing else; a ? of the key itself is written %3F')
  const keys = url.username === '' ? undefined : { accessKeyId: decoded(url.username), secretAccessKey: decoded(url.password) }
  return { kind: 's3', bucket: url.host, key, versionId, keys }
}
