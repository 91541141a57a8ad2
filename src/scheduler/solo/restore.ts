import { elapsedMs } from '../../base/boot-clock.ts'
import type { Recovered, RecoveredExecutor, RecoveredTask } from '../../agent/recovered-tasks.ts'
import { isTerminal } from '../../agent/task-status.ts'
import type { FrameworkRecord } from '../../store/records.ts'
import { parseJson } from '../../wire/json.ts'
import { forgetWhenEmpty } from './caretaker.ts'
import { executorKey } from './executors.ts'
import { newFramework, taskKey, type Framework } from './framework.ts'
import { startLongTimer } from './long-timer.ts'
import { removeFramework } from './membership.ts'
import type { Solo } from './solo.ts'
import { fromResources } from './wire-resources.ts'

/** That the agent was restarted is no fault of a framework's: it has this long to come back, whatever its own failover_timeout. */
const leastReturnMs = 30_000

/** Takes in the frameworks of an earlier run and their tasks and executors; the accounts are made anew from what those hold. */
export function restore (solo: Solo, records: ReadonlyMap<string, FrameworkRecord>, { tasks, executors }: Recovered): void {
  for (const [id, record] of records) {
    const framework = newFramework(id, parseJson('v1.FrameworkInfo', JSON.parse(record.info)))
    solo.frameworks.set(id, framework)
    framework.failover = startLongTimer(returnMs(framework, record), () => { removeFramework(solo, framework, 'it did not come back after a restart') })
  }
  for (const task of tasks) restoreTask(solo, task)
  for (const executor of executors) restoreExecutor(solo, executor)
  for (const framework of [...solo.frameworks.values()]) forgetWhenEmpty(solo, framework)
  if (records.size > 0) solo.log.info({ frameworks: records.size, tasks: tasks.length }, 'frameworks of an earlier run may come back')
}

/** One that had gone before has what is left of its time. After a reboot nobody can tell how long that was: it has all of it again. */
function returnMs ({ info }: Framework, { goneSince }: FrameworkRecord): number {
  const failoverMs = (info.failover_timeout ?? 0) * 1000
  if (goneSince === undefined) return Math.max(leastReturnMs, failoverMs)
  return Math.max(1, failoverMs - (elapsedMs(goneSince) ?? 0))
}

function restoreTask (solo: Solo, { frameworkId, taskId, resources, latest, terminalUuid }: RecoveredTask): void {
  if (resources !== undefined && !solo.ledger.reuse(taskKey(frameworkId, taskId), fromResources([...resources]))) {
    solo.log.warn({ frameworkId, taskId }, 'a task of an earlier run holds more than this host has to give now')
  }
  solo.frameworks.get(frameworkId)?.tasks.set(taskId, {
    id: taskId,
    latest: { ...latest, data: undefined },
    terminalUuid: terminalUuid && Buffer.from(terminalUuid).toString('base64'),
    acknowledged: terminalUuid === undefined && isTerminal(latest.state),
    released: resources === undefined,
  })
}

function restoreExecutor (solo: Solo, { frameworkId, info }: RecoveredExecutor): void {
  const executorId = info.executor_id.value
  if (!solo.ledger.reuse(executorKey(frameworkId, executorId), fromResources([...info.resources ?? []]))) {
    solo.log.warn({ frameworkId, executorId }, 'an executor of an earlier run holds more than this host has to give now')
  }
  solo.frameworks.get(frameworkId)?.executors.set(executorId, info)
}
