import type { internal, v1 } from '../../wire/messages.ts'
import { lostState } from './capabilities.ts'
import { agentIdOf, type Cluster } from './cluster.ts'

/** Why a task is not begun. */
interface Refusal { readonly state: v1.TaskState, readonly reason: v1.TaskStatus_Reason, readonly message: string }

/** What a refusal goes by. */
interface Sent { readonly task: v1.TaskInfo, readonly framework: v1.FrameworkInfo, readonly frameworkId: string, readonly message: internal.RunTaskMessage }

type Check = (sent: Sent, cluster: Cluster) => Refusal | undefined

/** In the order in which a Mesos agent looks. */
const checks: readonly Check[] = [
  ({ message: { resource_version_uuids: versions = [] }, framework }, { resourceVersion }) => {
    const ours = versions.find(({ resource_provider_id: provider }) => provider === undefined)
    if (ours === undefined || Buffer.compare(ours.uuid.value, resourceVersion) === 0) return undefined
    return { state: lostState(framework, 'TASK_DROPPED'), reason: 'REASON_INVALID_OFFERS', message: 'Task assumes outdated resource state' }
  },
  ({ task, framework }, cluster) => {
    const { value } = agentIdOf(cluster)
    if (task.agent_id.value === value) return undefined
    const message = `Task is for agent ${task.agent_id.value}, and this is ${value}`
    return { state: lostState(framework, 'TASK_DROPPED'), reason: 'REASON_INVALID_OFFERS', message }
  },
  ({ task: { command, executor } }) => {
    if ((command === undefined) !== (executor === undefined)) return undefined
    return invalid('Task should have at least one (but not both) of CommandInfo or ExecutorInfo present')
  },
  ({ task }) => {
    const special = [...task.resources ?? [], ...task.executor?.resources ?? []].map(specialFeature).find(found => found !== undefined)
    return special === undefined ? undefined : invalid(`${special} are not supported by this version of the agent`)
  },
  ({ framework }, { wishes }) => wishes().draining.config === undefined
    ? undefined
    : { state: lostState(framework, 'TASK_DROPPED'), reason: 'REASON_AGENT_DRAINING', message: 'Task was received while agent was already draining' },
  ({ task: { resources = [], executor }, framework }, { wishes }) => {
    const unknown = wishes().capacity.unknown([...resources, ...executor?.resources ?? []])
    if (unknown === undefined) return undefined
    const message = `The checkpointed resources being used by the task are unknown to the agent: ${unknown.name}`
    return { state: lostState(framework, 'TASK_DROPPED'), reason: 'REASON_RESOURCES_UNKNOWN', message }
  },
  ({ task: { executor }, frameworkId, framework, message: { launch_executor: launches } }, { known }) => {
    if (executor === undefined || launches === undefined) return undefined
    const isThere = known().hasExecutor(frameworkId, executor.executor_id.value)
    if (launches !== isThere) return undefined
    const message = launches ? 'Master wants to launch executor, but one already exists' : 'No executor is expected to launch and there is none running'
    return { state: lostState(framework, 'TASK_DROPPED'), reason: 'REASON_EXECUTOR_TERMINATED', message }
  },
]

/** A master has launched a task on this agent: it is begun, or its framework hears why not. */
export function runTask (cluster: Cluster, message: internal.RunTaskMessage): void {
  const { frameworks, agent, known, log } = cluster
  const { task } = message
  const frameworkId = message.framework.id?.value ?? message.framework_id?.value
  const taskId = task.task_id.value
  if (frameworkId === undefined) { log.warn({ taskId }, 'a task without a framework\'s id was ignored'); return }
  if (known().stateOf(frameworkId, taskId) !== undefined) { log.warn({ frameworkId, taskId }, 'a task that is here already was ignored'); return }
  const framework = { ...message.framework, id: { value: frameworkId } }
  frameworks.note(frameworkId, framework)
  const refusal = firstRefusal({ task, framework, frameworkId, message }, cluster)
  if (refusal !== undefined) {
    log.info({ frameworkId, taskId, reason: refusal.message }, 'a task was not begun')
    known().drop(frameworkId, taskId, { ...refusal, executorId: task.executor?.executor_id.value })
    return
  }
  const executor = task.executor && executorOf(task.executor, framework)
  agent().launch({ ...task, resources: allocated(task.resources, framework), ...(executor && { executor }) }, framework)
}

/** All of a group run, or none; this agent has no executor that could run them together. */
export function refuseTaskGroup ({ frameworks, known, log }: Cluster, message: internal.RunTaskGroupMessage): void {
  const { framework, executor, task_group: { tasks = [] } } = message
  const frameworkId = framework.id?.value
  if (frameworkId === undefined) return
  frameworks.note(frameworkId, framework)
  log.info({ frameworkId, executorId: executor.executor_id.value, tasks: tasks.length }, 'a task group was refused')
  for (const { task_id: { value: taskId } } of tasks) {
    if (known().stateOf(frameworkId, taskId) !== undefined) continue
    known().drop(frameworkId, taskId, {
      state: 'TASK_ERROR', reason: 'REASON_TASK_GROUP_INVALID', executorId: executor.executor_id.value,
      message: 'Task groups are not supported by this agent: it runs Docker containers, and has no default executor',
    })
  }
}

function firstRefusal (sent: Sent, cluster: Cluster): Refusal | undefined {
  for (const check of checks) {
    const refusal = check(sent, cluster)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function invalid (message: string): Refusal {
  return { state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message }
}

function specialFeature ({ disk, shared, revocable, provider_id: provider }: v1.Resource): string | undefined {
  if (disk?.source !== undefined) return 'Disk sources'
  if (shared !== undefined) return 'Shared resources'
  if (revocable !== undefined) return 'Revocable resources'
  return provider === undefined ? undefined : 'Resource providers'
}

function executorOf (executor: v1.ExecutorInfo, framework: v1.FrameworkInfo): v1.ExecutorInfo {
  return { ...executor, framework_id: executor.framework_id ?? framework.id, resources: allocated(executor.resources, framework) }
}

/** Masters before 1.3 do not say for which role: then the framework has but one. */
function allocated (resources: v1.Resource[] | undefined, { role = '*', roles }: v1.FrameworkInfo): v1.Resource[] | undefined {
  const only = roles?.length === 1 ? roles[0] ?? role : role
  return resources?.map(resource => resource.allocation_info === undefined ? { ...resource, allocation_info: { role: only } } : resource)
}
