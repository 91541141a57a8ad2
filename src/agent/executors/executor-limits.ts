import type { Containerizer } from '../../containerizer/containerizer.ts'
import type { Log } from '../../base/log.ts'
import type { ContainerLimits } from '../../model/container-spec.ts'
import { chain } from '../../model/errors.ts'
import type { v1 } from '../../wire/messages.ts'
import type { Executor } from './executor.ts'

const minMemBytes = 32 << 20
const bytesPerMb = 2 ** 20

export interface FitDeps { readonly containerizer: Pick<Containerizer, 'update'>, readonly log: Log }

/** What an executor and all its tasks were promised together. */
function limitsOfAll ({ info, tasks }: Pick<Executor, 'info' | 'tasks'>): ContainerLimits {
  const all = [...info.resources ?? [], ...[...tasks.values()].flatMap(({ task }) => task.info.resources ?? [])]
  return { cpus: sumOf(all, 'cpus'), memBytes: Math.max(minMemBytes, Math.floor(sumOf(all, 'mem')) * bytesPerMb) }
}

function sumOf (resources: readonly v1.Resource[], name: string): number {
  const thousandths = resources.filter(resource => resource.name === name)
    .reduce((sum, { scalar }) => sum + Math.round((scalar?.value ?? 0) * 1000), 0)
  return thousandths / 1000
}

/** Gives the container of an executor what it and its tasks were promised. Throws when that is more and cannot be; memory in use stays where it is. */
export async function fitLimits (executor: Executor, { containerizer, log }: FitDeps): Promise<void> {
  const { container, executorId } = executor
  const { cpus, memBytes } = container.limits
  const wanted = limitsOfAll(executor)
  if (wanted.cpus === cpus && wanted.memBytes === memBytes) return
  try {
    await containerizer.update(container, wanted)
  } catch (error) {
    if (wanted.memBytes > memBytes || (wanted.cpus > cpus && wanted.memBytes === memBytes)) throw error
    log.warn({ executorId, error: chain(error) }, 'the limits of an executor could not be lowered to what its tasks hold')
    if (wanted.cpus !== cpus && wanted.memBytes < memBytes) await containerizer.update(container, { cpus: wanted.cpus, memBytes })
  }
}
