import { open, readFile, type FileHandle } from 'node:fs/promises'
import { AgentError, messageOf } from '../../model/errors.ts'
import type { Inspected } from '../../model/inspected.ts'

/**
 * A container's network namespace, opened; the caller closes it. It is looked at first and asked for its owner then: whoever has the pid when the
 * answer is "this container" had it before as well. Throws NOT_SUPPORTED.
 */
export async function openNetworkNamespace ({ pid, id }: Pick<Inspected, 'pid' | 'id'>): Promise<FileHandle> {
  const namespace = await open(`/proc/${pid}/ns/net`).catch(cannot)
  const cgroups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')
  if (cgroups.includes(id)) return namespace
  await namespace.close()
  return cannot(`process ${pid} is not of the container`)
}

function cannot (why: unknown): never {
  throw new AgentError('NOT_SUPPORTED', `the container's network namespace cannot be entered: ${messageOf(why)}`)
}
