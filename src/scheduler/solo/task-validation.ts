import { messageOf } from '../../model/errors.ts'
import { add, contains, isEmpty, type Quantities } from '../../model/resources.ts'
import { printResources } from '../../model/resources-text.ts'
import { commandFault, containerFault, healthCheckFault } from './container-validation.ts'
import { executorFault } from './executor-validation.ts'
import { ownResources } from './executors.ts'
import { idFault } from './identifier-validation.ts'
import { fromResources } from './wire-resources.ts'
import type { Framework } from './framework.ts'
import type { v1 } from '../../wire/messages.ts'

export interface TaskContext {
  readonly framework: Framework
  readonly agentId: string
  readonly offered: Quantities
  readonly role: string
}

type Check = (task: v1.TaskInfo, context: TaskContext) => string | undefined

/** In the order in which a Mesos master looks: a task with two faults is told of the same one. */
const checks: readonly Check[] = [
  ({ task_id: taskId }) => idFault(taskId.value),
  duplicate,
  otherAgent,
  killPolicy,
  maxCompletionTime,
  ({ health_check: check }) => prefixed('Task uses invalid health check: ', check && healthCheckFault(check)),
  resources,
  ({ command }) => prefixed("Task's `CommandInfo` is invalid: ", command && commandFault(command)),
  ({ container }) => prefixed("Task's `ContainerInfo` is invalid: ", container && containerFault(container)),
  limits,
  commandOrExecutor,
  ({ executor }, { framework }) => executor && executorFault(executor, framework),
  otherRole,
  tooMuch,
]

/** Why a task cannot be launched, in the words of a Mesos master; undefined when it can. */
export function taskFault (task: v1.TaskInfo, context: TaskContext): string | undefined {
  for (const check of checks) {
    const fault = check(task, context)
    if (fault !== undefined) return fault
  }
  return undefined
}

function prefixed (prefix: string, fault: string | undefined): string | undefined {
  return fault === undefined ? undefined : prefix + fault
}

function duplicate ({ task_id: { value: taskId } }: v1.TaskInfo, { framework }: TaskContext): string | undefined {
  return framework.tasks.has(taskId) ? `Task has duplicate ID: ${taskId}` : undefined
}

function otherAgent ({ agent_id: { value } }: v1.TaskInfo, { agentId }: TaskContext): string | undefined {
  return value === agentId ? undefined : `Task uses invalid agent ${value} while agent ${agentId} is expected`
}

function killPolicy ({ kill_policy: policy }: v1.TaskInfo): string | undefined {
  return Number(policy?.grace_period?.nanoseconds ?? 0) < 0 ? "Task's 'kill_policy.grace_period' must be non-negative" : undefined
}

function maxCompletionTime ({ max_completion_time: time }: v1.TaskInfo): string | undefined {
  return Number(time?.nanoseconds ?? 0) < 0 ? "Task's 'max_completion_time' must be non-negative" : undefined
}

function resources (task: v1.TaskInfo): string | undefined {
  try {
    return isEmpty(fromResources(task.resources ?? [])) ? 'Task uses no resources' : undefined
  } catch (error) {
    return `Task uses invalid resources: ${messageOf(error)}`
  }
}

const limited = {
  cpus: 'The CPU limit must be greater than or equal to the CPU request',
  mem: 'The memory limit must be greater than or equal to the memory request',
}

function limits (task: v1.TaskInfo): string | undefined {
  const requests = fromResources(task.resources ?? [])
  for (const [name, { value }] of Object.entries(task.limits ?? {})) {
    if (name !== 'cpus' && name !== 'mem') return `Resource limits on ${name} are not supported`
    const request = requests.get(name)
    // An endless limit is allowed: it means none. NaN is not.
    if (request?.kind === 'scalar' && !(value * 1000 >= request.thousandths)) return limited[name]
  }
  return undefined
}

function commandOrExecutor ({ command, executor }: v1.TaskInfo): string | undefined {
  if ((command === undefined) !== (executor === undefined)) return undefined
  return 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present'
}

function otherRole (task: v1.TaskInfo, { role }: TaskContext): string | undefined {
  const all = [...task.resources ?? [], ...task.executor?.resources ?? []]
  const other = all.map(resource => resource.allocation_info?.role ?? role).find(found => found !== role)
  return other === undefined ? undefined : `Task uses resources allocated to role '${other}' of an offer for role '${role}'`
}

function tooMuch (task: v1.TaskInfo, { framework, offered, role }: TaskContext): string | undefined {
  const requested = add(fromResources(task.resources ?? []), ownResources(framework, task.executor))
  if (contains(offered, requested)) return undefined
  return `Total resources ${printResources(requested, role)} required by task and its executor ` +
    `is more than available ${printResources(offered, role)}`
}
