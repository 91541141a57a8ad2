import type { Containerizer } from '../../containerizer/containerizer.ts'
import type { Container } from '../../containerizer/container.ts'
import { AgentError } from '../../model/errors.ts'
import type { v1 } from '../../wire/messages.ts'
import { launchPriority } from '../launch-priority.ts'
import type { ExecutorEndpoints } from './endpoints.ts'
import type { ExecutorIdentity } from './executor.ts'
import { executorEnvironment, withVariables, type ExecutorTimes } from './executor-environment.ts'
import { newExecutorChange } from './executor-records.ts'
import { executorToSpec, type ExecutorSpecSettings } from './executor-to-spec.ts'

export interface LaunchExecutorDeps {
  readonly containerizer: Pick<Containerizer, 'launch'>
  readonly spec: ExecutorSpecSettings
  readonly times: ExecutorTimes
  readonly endpoints: ExecutorEndpoints
  readonly identity: { readonly agentId: string }
  /** The operator's, for all executors. */
  readonly variables: Readonly<Record<string, string>>
  readonly gpusInUse: Iterable<string>
}

export interface ExecutorWishes {
  readonly token: string
  /** The one that it is launched for. */
  readonly task: v1.TaskInfo
  /** Told where the agent will be found from its network, before it is created there. */
  readonly onGateway: (gateway: string) => Promise<void>
}

/** Has the container of an executor launched. Throws when that cannot be: then nothing has happened. */
export function launchExecutor (executor: Omit<ExecutorIdentity, 'container'>, wishes: ExecutorWishes, deps: LaunchExecutorDeps): Container {
  const { token, task, onGateway } = wishes
  const { frameworkId, executorId, framework, info, containerId } = executor
  const { containerizer, spec: settings, times, endpoints, variables, gpusInUse, identity: { agentId } } = deps
  const resources = [...info.resources ?? [], ...task.resources ?? []]
  const spec = executorToSpec({ info, resources, frameworkId, containerId }, { ...settings, gpusInUse })
  const place = { frameworkId, executorId, agentId, directory: spec.sandbox.hostPath, token }
  const environment = { ...withVariables(spec.environment, variables), ...executorEnvironment(place, info, framework.checkpoint ?? false, times) }
  const container = containerizer.launch({ ...spec, environment }, launchPriority(info.labels ?? task.labels, performance.now()), {
    alongside: [newExecutorChange(executor)],
    async lateEnvironment (gateway) {
      if (container.termination !== undefined) throw new AgentError('CANCELLED', 'its launch is over')
      if (gateway !== undefined) await onGateway(gateway)
      return await endpoints.environmentFor(spec, gateway)
    },
  })
  return container
}
