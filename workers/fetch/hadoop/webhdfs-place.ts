import { AgentError } from '../../../src/model/errors.ts'
import type { TransferOptions } from '../../../src/model/transfer-options.ts'
import { decoded } from '../target-name.ts'

export interface WebHdfsPlace {
  readonly kind: 'webhdfs'
  /** Name nodes to ask, one after the other until one is active. */
  readonly nameNodes: readonly URL[]
  /** Who chose them. */
  readonly chosenBy: 'task' | 'operator'
  readonly path: string
  readonly user: string | undefined
}

/** `webhdfs://host:port/path`, `swebhdfs:` for https; `hdfs:` where the operator has said which name nodes there are. */
export function hdfsPlace (url: URL, shown: string, { hadoop: { webHdfs } }: TransferOptions): WebHdfsPlace {
  const path = decoded(url.pathname)
  if (path.includes('\0')) throw new AgentError('SPEC_INVALID', `${shown}: has a NUL in it`)
  const user = url.username === '' ? undefined : decoded(url.username)
  if (url.protocol === 'hdfs:') return { kind: 'webhdfs', nameNodes: webHdfs.map(one => new URL(one)), chosenBy: 'operator', path, user }
  if (url.host === '') throw new AgentError('SPEC_INVALID', `${shown}: has no host, as webhdfs://host:port/path`)
  const nameNode = new URL(`${url.protocol === 'swebhdfs:' ? 'https' : 'http'}://${url.host}`)
  return { kind: 'webhdfs', nameNodes: [nameNode], chosenBy: 'task', path, user }
}
