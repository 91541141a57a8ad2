import { messageOf } from '../../model/errors.ts'
import { printJson } from '../../wire/json.ts'
import type { v1 } from '../../wire/messages.ts'
import { commandFault, containerFault } from './container-validation.ts'
import type { Framework } from './framework.ts'
import { idFault } from './identifier-validation.ts'
import { fromResources } from './wire-resources.ts'

type Check = (executor: v1.ExecutorInfo, framework: Framework) => string | undefined

/** In the order in which a Mesos master looks. */
const checks: readonly Check[] = [
  ({ executor_id: executorId }) => idFault(executorId.value),
  type,
  otherExecutor,
  otherFramework,
  ({ shutdown_grace_period: grace }) => Number(grace?.nanoseconds ?? 0) < 0 ? "ExecutorInfo's 'shutdown_grace_period' must be non-negative" : undefined,
  resources,
  ({ command }) => prefixed("Executor's `CommandInfo` is invalid: ", command && commandFault(command)),
  ({ container }) => prefixed("Executor's `ContainerInfo` is invalid: ", container && containerFault(container)),
]

/** Why a task's executor cannot be, in the words of a Mesos master; undefined when it can. */
export function executorFault (executor: v1.ExecutorInfo, framework: Framework): string | undefined {
  for (const check of checks) {
    const fault = check(executor, framework)
    if (fault !== undefined) return fault
  }
  return undefined
}

function type ({ type = 'CUSTOM', command }: v1.ExecutorInfo): string | undefined {
  if (type === 'UNKNOWN') return 'Unknown executor type'
  if (type === 'DEFAULT') return "'DEFAULT' executors are not supported by this agent: an executor brings its own container and command"
  return command === undefined ? "'ExecutorInfo.command' must be set for 'CUSTOM' executor" : undefined
}

function otherExecutor (executor: v1.ExecutorInfo, { executors }: Framework): string | undefined {
  const known = executors.get(executor.executor_id.value)
  if (known === undefined || textOf(known) === textOf(executor)) return undefined
  return 'ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.'
}

/** Without what the master fills in; a default that is named is as one that is not. */
function textOf (executor: v1.ExecutorInfo): string {
  const resources = executor.resources?.map(({ allocation_info: _role, role: _star, ...resource }) => resource)
  return printJson('v1.ExecutorInfo', { ...executor, type: 'CUSTOM', framework_id: undefined, resources })
}

function otherFramework ({ framework_id: frameworkId }: v1.ExecutorInfo, { id }: Framework): string | undefined {
  if (frameworkId === undefined || frameworkId.value === id) return undefined
  return `ExecutorInfo has an invalid FrameworkID (Actual: ${frameworkId.value} vs Expected: ${id})`
}

function resources (executor: v1.ExecutorInfo): string | undefined {
  try {
    fromResources(executor.resources ?? [])
    return undefined
  } catch (error) {
    return `Executor uses invalid resources: ${messageOf(error)}`
  }
}

function prefixed (prefix: string, fault: string | undefined): string | undefined {
  return fault === undefined ? undefined : prefix + fault
}
