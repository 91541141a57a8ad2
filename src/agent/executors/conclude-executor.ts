import type { Log } from '../../base/log.ts'
import type { Termination } from '../../containerizer/container.ts'
import type { TaskListener } from '../port.ts'
import { idsOf, type Executor } from './executor.ts'
import { waitStatus } from './executor-words.ts'

/** Its container has ended: nobody hears it any more, and its framework is told. */
export function conclude (executor: Executor, termination: Termination, { listener, log }: { readonly listener: TaskListener, readonly log: Log }): void {
  const { frameworkId, executorId, container, link } = executor
  executor.state = 'TERMINATED'
  executor.link = undefined
  clearTimeout(executor.timer)
  link?.close()
  log.info({ ...idsOf(executor), exitCode: termination.exitCode, why: executor.endedFor?.message }, 'an executor has ended')
  listener.executorEnded(frameworkId, executorId, container.hasComeUp ? waitStatus(termination) : -1)
}
