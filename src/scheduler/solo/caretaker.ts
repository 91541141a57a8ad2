import { removeFramework } from './membership.ts'
import type { Framework } from './framework.ts'
import type { Solo } from './solo.ts'
import type { v1 } from '../../wire/messages.ts'

/** A framework with this label has launched what it wanted and gone: the master acknowledges for it, and forgets it when its last task is over. */
const detachedLabel = 'slipway.detached'

export function isLeftToUs ({ sink, info }: Framework): boolean {
  return sink === undefined && (info.labels?.labels ?? []).some(({ key, value }) => key === detachedLabel && value === 'true')
}

/** Answers in place of the framework, once this update's sender is done with it. */
export function acknowledgeFor (solo: Solo, framework: Framework, { task_id: taskId, uuid }: v1.TaskStatus, acknowledge: (uuid: Uint8Array) => void): void {
  if (uuid === undefined) return
  setImmediate(() => {
    if (!isLeftToUs(framework) || solo.frameworks.get(framework.id) !== framework) return
    solo.log.debug({ frameworkId: framework.id, taskId: taskId.value }, 'acknowledged for a framework that has gone')
    acknowledge(uuid)
  })
}

/** Nothing of it is left: there is nobody to keep it for. */
export function forgetWhenEmpty (solo: Solo, framework: Framework): void {
  if (isLeftToUs(framework) && framework.tasks.size === 0) removeFramework(solo, framework, 'its last task is over')
}
