import type { Log } from '../../base/log.ts'
import type { Termination } from '../../containerizer/container.ts'
import { AgentError } from '../../model/errors.ts'
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

/** The agent is stopping: of what becomes of it, nobody is told. */
export function leave (executor: Executor): void {
  const { link } = executor
  executor.isSilent = true
  executor.link = undefined         // its end is nobody's
  clearTimeout(executor.timer)
  link?.close()
  executor.registered.reject(new AgentError('CANCELLED', 'the agent is stopping'))
}
